import { Document, isPair, isScalar, isSeq, isMap as isYamlMap, LineCounter, parseAllDocuments, type ScalarTag, type Tags, visit } from 'yaml';
import { errorText } from '../std/index.ts';

/** A place in a file; both count from 1. */
interface TextPosition {
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
    throw new ManifestSyntaxError(`${fileName}: ${errorText(error)}`, { cause: error });
  }
}

/** Texts that YAML 1.1 (and kubectl) would read as something other than a text. */
const READS_AS_OTHER = [
  /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE|null|Null|NULL|~|<<|)$/,
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/,
  /^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$/,
  /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
  /^\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?$/,
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\x00-\x09\x0b-\x1f\x7f]/;

const needsDoubleQuotes = (text: string): boolean => UNPRINTABLE.test(text) || READS_AS_OTHER.some((one) => one.test(text)) || /^\s+$/.test(text);

/**
 * YAML as `kubectl -o yaml` prints it: keys sorted, lists not indented, texts that would read as something else in double quotes, those that need quotes
 * for their punctuation in single ones. Ends with a newline.
 */
export function toYaml(value: unknown): string {
  const document = new Document(value, null, { version: '1.1', aliasDuplicateObjects: false, sortMapEntries: true });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && needsDoubleQuotes(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0, indentSeq: false, blockQuote: 'literal', singleQuote: true });
}
