import { badRequest, type Definitions } from '../../apimachinery/index.ts';
import { decodeMessage } from './message.ts';
import { WireError, wireFields } from './wire.ts';

/** The media type of Kubernetes' protobuf form. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from('k8s\0', 'latin1');
const META = new Set(['DeleteOptions', 'Status']);

interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Buffer;
}

/**
 * Reads a body in Kubernetes' protobuf form as the value that its JSON form would give. Newer kubectl sends built-in kinds like this and does not fall
 * back to JSON. Throws 400; a field that is not known is refused by number, never dropped.
 */
export function decodeProtobuf(bytes: Buffer, definitions: Definitions): unknown {
  try {
    const { apiVersion, kind, raw } = envelope(bytes);
    return { apiVersion, kind, ...decodeMessage(definitionOf(apiVersion, kind, definitions), raw, definitions) };
  } catch (error) {
    if (error instanceof WireError || error instanceof RangeError)
      throw badRequest(`the protobuf body cannot be read: ${error.message}; send application/json instead`);
    throw error;
  }
}

/** The magic number, then runtime.Unknown: { typeMeta = 1 { apiVersion = 1, kind = 2 }, raw = 2, … }. */
function envelope(bytes: Buffer): Envelope {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new WireError('it does not begin with "k8s" and a zero byte');
  let apiVersion = '';
  let kind = '';
  let raw = Buffer.alloc(0);
  for (const { number, value } of wireFields(bytes.subarray(MAGIC.length))) {
    if (!Buffer.isBuffer(value)) continue;
    if (number === 2) raw = value as Buffer<ArrayBuffer>;
    if (number !== 1) continue;
    for (const inner of wireFields(value)) {
      if (inner.number === 1) apiVersion = String(inner.value);
      if (inner.number === 2) kind = String(inner.value);
    }
  }
  return { apiVersion, kind, raw };
}

function definitionOf(apiVersion: string, kind: string, definitions: Definitions): string {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const name = META.has(kind) ? `io.k8s.apimachinery.pkg.apis.meta.v1.${kind}` : `io.k8s.api.${group.split('.')[0] || 'core'}.${version}.${kind}`;
  if (!(name in definitions)) throw new WireError(`no kind "${kind}" is served in version ${JSON.stringify(apiVersion)}`);
  return name;
}
