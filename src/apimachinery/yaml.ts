import { type Document, isPair, isScalar, isSeq, isMap as isYamlMap, LineCounter, parseAllDocuments, type ScalarTag, stringify, type Tags } from 'yaml';

/** A place in a file; both count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** One document of a manifest file. */
export interface ManifestDocument {
  /** Plain JSON; never null (documents without content are left out). */
  readonly value: unknown;
  /** Its number among the file's documents, from 0. */
  readonly document: number;
  /** Where a field is written (its key; for a list element the element); the nearest one around it when the field is not there. */
  position(path: readonly (string | number)[]): TextPosition;
}

/** A file that is no YAML or JSON; each line of the message is `file:line:column: what is wrong`. */
export class ManifestSyntaxError extends Error {
  readonly code = 'ERR_MANIFEST_SYNTAX';
}

const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  format: 'OCT',
  test: /^[-+]?0o[0-7_]+$/,
  resolve: (text) => {
    const plain = text.replace(/_/g, '').replace('0o', '');
    return Number.parseInt(plain, 8);
  },
  stringify: ({ value }) => `0o${Number(value).toString(8)}`,
};

/** kubectl reads YAML 1.1 (yes is true, 0644 is octal) but neither base-60 numbers (22:22) nor dates. */
const asKubectl = (tags: Tags): Tags => [
  octal,
  ...tags.filter((tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME'))),
];

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function locate(document: Document, lines: LineCounter, path: readonly (string | number)[]): TextPosition {
  let at: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const part of path) {
    let next: unknown;
    let start: number | undefined;
    if (isYamlMap(at)) {
      const pair = at.items.find((item) => isPair(item) && keyText(item.key) === String(part));
      next = pair?.value;
      start = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
    } else if (isSeq(at)) {
      next = at.items[Number(part)];
      start = (next as { readonly range?: readonly number[] } | undefined)?.range?.[0];
    }
    if (start === undefined) break;
    offset = start;
    at = next;
  }
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

/** Reads a file of YAML documents (or JSON) as kubectl does. Duplicate keys are errors. Throws ManifestSyntaxError, naming every fault with its place. */
export function parseManifests(text: string, fileName: string): readonly ManifestDocument[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { version: '1.1', customTags: asKubectl, lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: true });
  if ('empty' in documents) return [];
  const faults = documents
    .flatMap((document) => document.errors)
    .map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return `${fileName}:${line}:${col}: ${error.message}`;
    });
  if (faults.length > 0) throw new ManifestSyntaxError(faults.join('\n'));
  return documents.flatMap((document, index) => {
    const value: unknown = read(document, fileName);
    return value === null || value === undefined ? [] : [{ value, document: index, position: (path) => locate(document, lines, path) }];
  });
}

/** Resolving aliases may fail late: too many of them, or one that contains itself. */
function read(document: Document, fileName: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new ManifestSyntaxError(`${fileName}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** YAML as `kubectl -o yaml` prints it: keys sorted, lists not indented, texts that would read as something else quoted. Ends with a newline. */
export const toYaml = (value: unknown): string =>
  stringify(value, null, { version: '1.1', sortMapEntries: true, lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false, blockQuote: 'literal' });
