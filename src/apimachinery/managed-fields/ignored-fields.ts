import type { Definitions } from '../schema.ts';
import type { FieldSet } from './field-set.ts';

const MEMBER: FieldSet = {};
const FIELDS_OF_META = ['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'generation', 'managedFields', 'resourceVersion'];

const ALWAYS: FieldSet = {
  'f:apiVersion': MEMBER,
  'f:kind': MEMBER,
  'f:metadata': Object.fromEntries(FIELDS_OF_META.map((field) => [`f:${field}`, MEMBER])),
};
const NOT_STATUS: FieldSet = { ...ALWAYS, 'f:status': MEMBER };
const NOT_SPEC: FieldSet = { ...ALWAYS, 'f:spec': MEMBER };

/** Fields that nobody owns through this endpoint: what the system sets, status beside the status subresource, spec within it. */
export function ignoredFields(definitions: Definitions, schema: string, subresource: string): FieldSet {
  if (subresource === 'status') return NOT_SPEC;
  const properties = definitions[schema]?.properties;
  return properties?.['status'] && properties['spec'] && subresource === '' ? NOT_STATUS : ALWAYS;
}
