import {
  isMap,
  type JsonMap,
  type KubeObject,
  type ManifestDocument,
  ManifestSyntaxError,
  parseManifests as parseDocuments,
} from '../../apimachinery/index.ts';

/** An object with where it was read. */
export interface Located {
  readonly object: KubeObject;
  readonly file: string;
  /** Line of the document's first key, from 1. */
  readonly line: number;
  /** `file:line:column` of a field, or of what is nearest around it. */
  place(path: readonly (string | number)[]): string;
}

/** A text that holds no usable manifest; the message starts with file:line:column. */
export class ManifestError extends Error {
  readonly code = 'ERR_MANIFEST';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ManifestError';
  }
}

/** Reads the objects of a YAML or JSON text as kubectl does: several documents, empty ones passed over, Lists taken apart. Throws ManifestError. */
export function parseManifests(text: string, file: string): readonly Located[] {
  let documents: readonly ManifestDocument[];
  try {
    documents = parseDocuments(text, file);
  } catch (cause) {
    throw cause instanceof ManifestSyntaxError ? new ManifestError(cause.message, { cause }) : cause;
  }
  return documents.flatMap((document) => objectsOf(document.value, document, file, []));
}

function objectsOf(content: unknown, document: ManifestDocument, file: string, base: readonly (string | number)[]): readonly Located[] {
  const place = (path: readonly (string | number)[]): string => {
    const { line, column } = document.position([...base, ...path]);
    return `${file}:${line}:${column}`;
  };
  const fail = (path: readonly string[], message: string): never => {
    throw new ManifestError(`${place(path)}: ${message}`);
  };
  if (!isMap(content)) return fail([], `expected an object with apiVersion and kind, got ${Array.isArray(content) ? 'a list' : JSON.stringify(content)}`);
  const { apiVersion, kind, items } = content as JsonMap & { readonly apiVersion?: unknown; readonly kind?: unknown; readonly items?: unknown };
  if (typeof kind !== 'string' || !kind) return fail(['kind'], 'kind is missing: every object needs apiVersion, kind and metadata');
  if (typeof apiVersion !== 'string' || !apiVersion) return fail(['apiVersion'], `${kind}: apiVersion is missing`);
  if (kind.endsWith('List') && Array.isArray(items)) {
    return (items as readonly unknown[]).flatMap((item, index) => objectsOf(item, document, file, [...base, 'items', index]));
  }
  const metadata = content['metadata'] ?? {};
  if (!isMap(metadata)) return fail(['metadata'], `${kind}: metadata must be a mapping`);
  const name = metadata['name'];
  if (name !== undefined && typeof name !== 'string')
    return fail(['metadata', 'name'], `${kind}: metadata.name must be a text, got ${JSON.stringify(name)}; quote it`);
  return [{ object: { ...content, apiVersion, kind, metadata }, file, line: document.position(base).line, place }];
}
