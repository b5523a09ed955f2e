import {
  badRequest,
  checkSchema,
  type Definitions,
  decodingError,
  type KubeObject,
  readJson,
  strictDecodingError,
  strictTexts,
  unsupportedMediaType,
} from '../../apimachinery/index.ts';
import { apiVersionOf } from '../../kinds/index.ts';
import { errorText } from '../../std/index.ts';
import { decodeProtobuf, PROTOBUF } from '../protobuf/index.ts';
import type { Call } from './call.ts';
import { readYaml } from './yaml-body.ts';

/** What is done about fields that a kind does not have. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** The kind that a body must be of. */
export interface BodyKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Definition name. */
  readonly schema: string;
}

/** A body as a value, with the fields that it has twice. `undefined` for an empty body. */
export interface RawValue {
  readonly value: unknown;
  readonly duplicates: readonly string[];
}

const UNKNOWN_FORMAT =
  'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf';

/** The body in whatever form it came. Throws 400 for what cannot be read and 415 for a form that is not known. */
export async function readValue(call: Call, definitions: Definitions): Promise<RawValue | undefined> {
  const body = await call.body();
  if (body.type === 'none') return undefined;
  if (body.type === 'object') return { value: body.value, duplicates: [] };
  const media = (call.headers['content-type'] ?? 'application/json').split(';')[0]!.trim().toLowerCase();
  switch (media) {
    case 'application/json':
    case 'application/x-www-form-urlencoded':
    case 'application/merge-patch+json':
    case 'application/json-patch+json':
    case 'application/strategic-merge-patch+json':
      return readText(() => readJson(body.bytes.toString('utf8')), body.bytes);
    case 'application/yaml':
    case 'application/apply-patch+yaml':
      return readText(() => readYaml(body.bytes.toString('utf8')), body.bytes);
    case PROTOBUF:
      return { value: decodeProtobuf(body.bytes, definitions), duplicates: [] };
    default:
      throw unsupportedMediaType(UNKNOWN_FORMAT);
  }
}

function readText(read: () => RawValue, bytes: Buffer): RawValue {
  try {
    return read();
  } catch (error) {
    const shown = bytes.subarray(0, 200).toString();
    const why = errorText(error);
    throw badRequest(`couldn't get version/kind; json parse error: ${why} (the body begins with ${JSON.stringify(shown)})`);
  }
}

/** fieldValidation of the query; Warn when it is left out, as in Kubernetes. */
export function fieldValidationOf(call: Call): FieldValidation {
  // The daemon's own parts send what the generated types allow.
  const text = call.query.get('fieldValidation') || (call.credentials.type === 'in-process' ? 'Ignore' : 'Warn');
  if (text === 'Strict' || text === 'Warn' || text === 'Ignore') return text;
  throw badRequest(`fieldValidation: Unsupported value: ${JSON.stringify(text)}: supported values: "Ignore", "Strict", "Warn"`);
}

/** Reads the body as an object of a kind. */
export async function readObject(call: Call, kind: BodyKind, definitions: Definitions): Promise<KubeObject> {
  const raw = await readValue(call, definitions);
  if (!raw) throw badRequest(`the request body is empty: expected a ${kind.kind} of ${apiVersionOf(kind)}`);
  return checkObject(raw, kind, definitions, fieldValidationOf(call), call.warn);
}

/** Checks a value against its kind's schema: what cannot be decoded is refused, unknown fields are refused, warned about or dropped. */
export function checkObject(raw: RawValue, kind: BodyKind, definitions: Definitions, validation: FieldValidation, warn: (text: string) => void): KubeObject {
  const apiVersion = apiVersionOf(kind);
  const given = raw.value as Partial<KubeObject> | null;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw badRequest(`couldn't get version/kind; json parse error: expected an object of kind ${kind.kind}, got ${JSON.stringify(raw.value)?.slice(0, 100)}`);
  }
  if (given.apiVersion && given.apiVersion !== apiVersion) {
    throw badRequest(`the API version in the data (${given.apiVersion}) does not match the expected API version (${apiVersion})`);
  }
  if (given.kind && given.kind !== kind.kind) throw badRequest(`the kind in the data (${given.kind}) does not match the expected kind (${kind.kind})`);
  const checked = checkSchema(definitions, kind.schema, given);
  if (checked.errors[0] !== undefined) throw decodingError(kind.kind, kind.version, checked.errors[0]);
  if (validation !== 'Ignore') {
    const texts = strictTexts(checked.unknown, raw.duplicates);
    if (texts.length > 0 && validation === 'Strict') throw strictDecodingError(kind.kind, kind.version, texts);
    for (const text of texts) warn(text);
  }
  const value = checked.value as KubeObject;
  if (value.apiVersion === apiVersion && value.kind === kind.kind && value.metadata) return value;
  return { ...value, apiVersion, kind: kind.kind, metadata: value.metadata ?? {} };
}
