import { beforeAll, describe, expect, it } from 'vitest';
import type { Definitions } from '../../apimachinery/index.ts';
import { definitions as load } from '../../kinds/index.ts';
import { decodeProtobuf } from './decode.ts';

const varint = (value: number): Buffer => Buffer.from(value < 128 ? [value] : [(value & 0x7f) | 0x80, value >> 7]);
const field = (number: number, content: Buffer | string | number): Buffer => {
  if (typeof content === 'number') return Buffer.concat([varint(number * 8), varint(content)]);
  const bytes = Buffer.from(content);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
};
const message = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields);
const body = (apiVersion: string, kind: string, raw: Buffer): Buffer =>
  message(Buffer.from('k8s\0'), field(1, message(field(1, apiVersion), field(2, kind))), field(2, raw), field(3, ''), field(4, ''));

describe('bodies in protobuf', () => {
  let definitions: Definitions;
  beforeAll(async () => {
    definitions = await load();
  });

  it('become what their JSON would be: maps, bytes, times, and zeros only where they say something', () => {
    const metadata = field(
      1,
      message(field(1, 'n'), field(2, ''), field(3, 'default'), field(7, 0), field(8, ''), field(11, message(field(1, 'app'), field(2, 'x')))),
    );
    const secret = body('v1', 'Secret', message(metadata, field(2, message(field(1, 'k'), field(2, Buffer.from([0, 255])))), field(3, 'Opaque'), field(5, 0)));
    expect(decodeProtobuf(secret, definitions)).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'n', namespace: 'default', labels: { app: 'x' } },
      data: { k: 'AP8=' },
      type: 'Opaque',
      immutable: false,
    });
  });

  it('have messages inside that JSON does not, and numbers or texts', () => {
    const probe = message(
      field(1, message(field(2, message(field(1, '/health'), field(2, message(field(1, 1), field(3, 'http'))))))),
      field(2, 0),
      field(3, 5),
    );
    const container = message(
      field(1, 'c'),
      field(2, 'i'),
      field(8, message(field(1, message(field(1, 'cpu'), field(2, field(1, '100m')))))),
      field(10, probe),
    );
    const volume = message(field(1, 'v'), field(2, field(19, message(field(1, field(1, 'cm')), field(4, 0)))));
    const pod = body('v1', 'Pod', message(field(1, field(1, 'p')), field(2, message(field(1, volume), field(2, container), field(4, 0)))));
    expect(decodeProtobuf(pod, definitions)).toMatchObject({
      spec: {
        volumes: [{ name: 'v', configMap: { name: 'cm', optional: false } }],
        containers: [{ name: 'c', resources: { limits: { cpu: '100m' } }, livenessProbe: { httpGet: { path: '/health', port: 'http' }, timeoutSeconds: 5 } }],
        terminationGracePeriodSeconds: 0,
      },
    });
  });

  it.each([
    ['bytes of something else', Buffer.from('{"a":1}'), 'it does not begin with'],
    ['a kind that is not served', body('v1', 'Thing', Buffer.alloc(0)), 'no kind "Thing" is served'],
    ['a field that is not known', body('v1', 'ConfigMap', field(99, 'x')), 'field 99 of ConfigMap is not known'],
    ['a message that is cut off', body('v1', 'ConfigMap', Buffer.from([0x0a, 0x7f])), 'cannot be read'],
  ])('are refused: %s', (_what, bytes, text) => expect(() => decodeProtobuf(bytes, definitions)).toThrow(text));
});
