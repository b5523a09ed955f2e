import { expect, test } from 'vitest';
import { strictDecodingError, strictTexts } from './decoding-errors.ts';
import { readJson } from './json-reader.ts';
import { freezeDeep } from './json-value.ts';
import { checkSchema } from './schema-walker.ts';
import { DEPLOYMENT, POD, testDefinitions } from './testing-definitions.ts';

const check = (name: string, value: unknown) => checkSchema(testDefinitions, name, value);
const pod = (spec: unknown) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec });

test('a correct object is given back as it is', () => {
  const value = freezeDeep(pod({ containers: [{ name: 'a', image: 'b', resources: { requests: { cpu: '100m' } }, ports: [{ containerPort: 80 }] }] }));
  expect(check(POD, value)).toEqual({ errors: [], unknown: [], value });
  expect(check(POD, value).value).toBe(value);
});

test.each([
  [DEPLOYMENT, { spec: { replicas: 'three' } }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'],
  [DEPLOYMENT, { spec: { replicas: 1.5 } }, 'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32'],
  [DEPLOYMENT, { spec: [] }, 'json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec'],
  [
    DEPLOYMENT,
    { spec: { template: { spec: { containers: [{ env: [{ name: 'A', value: true }] }] } } } },
    'json: cannot unmarshal bool into Go struct field EnvVar.spec.template.spec.containers.env.value of type string',
  ],
  [POD, { metadata: { labels: { a: 1 } } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string'],
  [POD, { spec: { containers: {} } }, 'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container'],
  [POD, [], 'json: cannot unmarshal array into Go value of type v1.Pod'],
  [
    POD,
    { spec: { containers: [{ resources: { limits: { memory: '1 Gi' } } }] } },
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  ['io.k8s.api.core.v1.Secret', { data: { a: '%%%' } }, 'illegal base64 data at input byte 0'],
])('%s with a wrong type is refused in words that users know (%#)', (name, value, message) => {
  expect(check(name, value).errors[0]).toBe(message);
});

test('unknown fields are named with their path and pruned; nulls and empty lists go', () => {
  const found = check(POD, {
    ...pod({ containers: [{ name: 'a', foo: 1, env: [], image: null }], bar: {} }),
    metadata: { name: 'a', creationTimestamp: null, labels: {} },
  });
  expect(found.unknown).toEqual(['spec.containers[0].foo', 'spec.bar']);
  expect(found.value).toEqual(pod({ containers: [{ name: 'a' }] }));
  expect(strictDecodingError('Pod', 'v1', strictTexts(found.unknown, [])).message).toBe(
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.containers[0].foo", unknown field "spec.bar"',
  );
});

test('quantities and times become canonical', () => {
  const found = check(POD, {
    metadata: { creationTimestamp: '2026-01-02T05:04:05.5+02:00' },
    spec: { containers: [{ name: 'a', resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }] },
  });
  expect(found.value).toEqual({
    metadata: { creationTimestamp: '2026-01-02T03:04:05Z' },
    spec: { containers: [{ name: 'a', resources: { limits: { cpu: '500m', memory: '1Gi' } } }] },
  });
});

test('duplicate fields are found, and strings with colons and quotes do not mislead', () => {
  expect(readJson('{"a":{"b":1,"c":[{"d":"x:\\"y","d":2}],"b":3},"e":"a:b\\\\"}')).toEqual({
    value: { a: { b: 3, c: [{ d: 2 }] }, e: 'a:b\\' },
    duplicates: ['a.c[0].d', 'a.b'],
  });
  expect(readJson('{"a": "{\\"a\\":1}", "b": ":::"}').duplicates).toEqual([]);
});
