import { deepEqual, isList, isMap, setField } from '../json-value.ts';
import { requestTooLarge } from '../status-error.ts';
import { malformedPatch, patchDoesNotApply } from './patch-error.ts';

/** One operation of RFC 6902. */
interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

const MAX_OPERATIONS = 10_000;
const OPERATIONS = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

function pointer(path: string, op: string): readonly string[] {
  if (path === '') return [];
  if (!path.startsWith('/')) throw patchDoesNotApply(path, `${op} operation does not apply: a path starts with "/"`);
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'));
}

/** The index that a token means; negative ones count from the end, as in the API server. `limit` is the largest that is allowed. */
function indexOf(list: readonly unknown[], token: string, limit: number, path: string, op: string): number {
  const given = /^-?\d+$/.test(token) ? Number(token) : Number.NaN;
  const index = given < 0 ? given + limit + 1 : given;
  if (index >= 0 && index <= limit) return index;
  const why = Number.isNaN(given) ? `${JSON.stringify(token)} is no index of a list` : `Unable to access invalid index: ${token}: invalid index referenced`;
  throw patchDoesNotApply(path, `error in ${op} for path: '${path}': ${why} (the list has ${list.length})`);
}

function missing(path: string, op: string, key?: string): Error {
  if (op === 'remove' && key !== undefined)
    return patchDoesNotApply(path, `error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`);
  return patchDoesNotApply(path, `${op} operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`);
}

function read(document: unknown, path: string, op: string): unknown {
  let at = document;
  for (const token of pointer(path, op)) {
    if (isList(at)) at = at[indexOf(at, token, at.length - 1, path, op)];
    else if (isMap(at) && Object.hasOwn(at, token)) at = at[token];
    else throw missing(path, op);
  }
  return at;
}

type Edit = 'add' | 'remove' | 'replace';

/** A copy of the document with one place changed; everything off the path is shared. */
function edit(at: unknown, tokens: readonly string[], depth: number, kind: Edit, value: unknown, path: string, op: string): unknown {
  const token = tokens[depth];
  if (token === undefined) return value;
  const isLast = depth === tokens.length - 1;
  if (isList(at)) {
    const copy = [...at];
    if (isLast && kind === 'add') {
      copy.splice(token === '-' ? at.length : indexOf(at, token, at.length, path, op), 0, value);
      return copy;
    }
    const index = indexOf(at, token, at.length - 1, path, op);
    if (isLast && kind === 'remove') copy.splice(index, 1);
    else copy[index] = edit(at[index], tokens, depth + 1, kind, value, path, op);
    return copy;
  }
  // A replace of a field that is not there adds it: stricter than the API server would break patches that work there.
  if (!isMap(at) || (!Object.hasOwn(at, token) && !(isLast && kind !== 'remove'))) throw missing(path, op, isMap(at) && isLast ? token : undefined);
  const copy: { [field: string]: unknown } = { ...at };
  if (isLast && kind === 'remove') delete copy[token];
  else setField(copy, token, edit(at[token], tokens, depth + 1, kind, value, path, op));
  return copy;
}

function change(document: unknown, kind: Edit, path: string, value: unknown, op: string): unknown {
  const tokens = pointer(path, op);
  if (tokens.length === 0 && kind === 'remove') throw patchDoesNotApply(path, 'remove operation does not apply: the whole document cannot be removed');
  return edit(document, tokens, 0, kind, value, path, op);
}

function readOperation(raw: unknown): JsonPatchOperation {
  if (!isMap(raw) || typeof raw['op'] !== 'string' || typeof raw['path'] !== 'string')
    throw malformedPatch('every operation needs a string op and a string path');
  const { op, path, from } = raw;
  if (!OPERATIONS.has(op)) throw patchDoesNotApply(path, `Unexpected kind: ${op}`);
  if ((op === 'move' || op === 'copy') && typeof from !== 'string') throw malformedPatch(`a ${op} operation needs a string from`);
  if ((op === 'add' || op === 'replace') && !Object.hasOwn(raw, 'value')) throw malformedPatch(`an operation ${op} needs a value`);
  return raw as unknown as JsonPatchOperation;
}

function applyOne(document: unknown, { op, path, from = '', value = null }: JsonPatchOperation): unknown {
  switch (op) {
    case 'add':
    case 'remove':
    case 'replace':
      return change(document, op, path, value, op);
    case 'copy':
      return change(document, 'add', path, read(document, from, op), op);
    case 'move': {
      if (path.startsWith(`${from}/`)) throw patchDoesNotApply(path, 'move operation does not apply: a value cannot be moved into itself');
      const moved = read(document, from, op);
      return change(change(document, 'remove', from, undefined, op), 'add', path, moved, op);
    }
    case 'test': {
      const found = value === null ? readOrNull(document, path) : read(document, path, op);
      if (!deepEqual(found, value)) throw patchDoesNotApply(path, `testing value ${path} failed: test failed`);
      return document;
    }
  }
}

/** A test for null also holds when the field is absent. */
function readOrNull(document: unknown, path: string): unknown {
  const parts = pointer(path, 'test');
  let at = document;
  for (const token of parts) {
    if (isList(at)) at = at[Number(token)];
    else if (isMap(at) && Object.hasOwn(at, token)) at = at[token];
    else return null;
  }
  return at;
}

/** Applies a JSON Patch, all or nothing. Throws StatusError: 400 for what is no patch, 422 for one that does not fit. The document is not changed. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!isList(patch)) throw malformedPatch('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (patch.length > MAX_OPERATIONS) throw requestTooLarge(`The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`);
  return patch.map(readOperation).reduce(applyOne, document);
}
