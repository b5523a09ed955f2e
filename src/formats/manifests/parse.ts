import type { KubeObject } from '../../apimachinery/index.ts';

/** An object with where it was read. */
export interface Located {
  readonly object: KubeObject;
  readonly file: string;
  /** Line of the document's first key, from 1. */
  readonly line: number;
}

/** A text that holds no usable manifest; the message starts with file:line:column. */
export class ManifestError extends Error {
  readonly code = 'ERR_MANIFEST';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ManifestError';
  }
}

type Loose = { readonly [key: string]: unknown };
const isRecord = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads the objects of a YAML or JSON text as kubectl does: YAML 1.1 scalars without times and base-60 numbers, several documents, empty ones passed over,
 * Lists taken apart. Throws ManifestError.
 */
export async function parseManifests(text: string, file: string): Promise<readonly Located[]> {
  const { LineCounter, parseAllDocuments, isMap } = await import('yaml');
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.1',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    merge: true,
    logLevel: 'silent',
    customTags: (tags) => [...tags.filter((tag) => typeof tag === 'string' || !isMisread(tag)), octal],
  });
  const found: Located[] = [];
  for (const document of 'empty' in documents ? [] : documents) {
    const problem = document.errors[0];
    if (problem) {
      const { line, col } = lines.linePos(problem.pos[0]);
      throw new ManifestError(`${file}:${line}:${col}: ${problem.message}`, { cause: problem });
    }
    const content: unknown = document.toJS({ maxAliasCount: 1_000 });
    if (content === null || content === undefined) continue;
    const { line } = lines.linePos((isMap(document.contents) ? document.contents.range?.[0] : undefined) ?? document.range[0]);
    for (const object of objectsOf(content, `${file}:${line}`)) found.push({ object, file, line });
  }
  return found;
}

/** The two YAML 1.1 readings that kubectl does not have: 22:22 as a base-60 number, dates. */
const isMisread = (tag: { readonly tag: string; readonly format?: string }): boolean => tag.format === 'TIME' || tag.tag === 'tag:yaml.org,2002:timestamp';

/** 0o17, which kubectl reads and YAML 1.1 does not know. */
const octal = {
  identify: (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value),
  default: true,
  tag: 'tag:yaml.org,2002:int',
  format: 'OCT12',
  test: /^[-+]?0o[0-7_]+$/,
  resolve: (text: string): number => Number.parseInt(text.replace(/_/g, '').replace('0o', ''), 8),
  stringify: ({ value }: { value?: unknown }): string => String(value),
} as const;

function objectsOf(content: unknown, place: string): readonly KubeObject[] {
  if (!isRecord(content))
    throw new ManifestError(`${place}: expected an object with apiVersion and kind, got ${Array.isArray(content) ? 'a list' : JSON.stringify(content)}`);
  const { apiVersion, kind, items } = content;
  if (typeof kind !== 'string' || !kind) throw new ManifestError(`${place}: kind is missing: every object needs apiVersion, kind and metadata`);
  if (typeof apiVersion !== 'string' || !apiVersion) throw new ManifestError(`${place}: ${kind}: apiVersion is missing`);
  if (kind.endsWith('List') && Array.isArray(items)) return (items as readonly unknown[]).flatMap((item) => objectsOf(item, place));
  const metadata = content['metadata'] ?? {};
  if (!isRecord(metadata)) throw new ManifestError(`${place}: ${kind}: metadata must be a mapping`);
  const name = metadata['name'];
  if (name !== undefined && typeof name !== 'string')
    throw new ManifestError(`${place}: ${kind}: metadata.name must be a text, got ${JSON.stringify(name)}; quote it`);
  return [{ ...content, apiVersion, kind, metadata }];
}
