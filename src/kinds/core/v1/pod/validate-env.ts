import {
  checkConfigMapKey,
  checkEnvVarName,
  checkQualifiedName,
  type FieldError,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from '../../../../apimachinery/index.ts';
import type { EnvFromSource, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector } from '../../../schema/types.ts';
import { checked } from '../../../validation/errors.ts';

/** Field paths that become environment variables. */
const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
/** Field paths that become files. */
const FILE_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];
const KNOWN_FIELDS = new Set([...ENV_FIELDS, ...FILE_FIELDS]);
const RESOURCES = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory'];
const CPU_DIVISORS = ['1m', '1', '0'];
const BYTE_DIVISORS = ['0', '1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

function validateFieldRef(ref: ObjectFieldSelector, field: string, allowed: readonly string[]): readonly FieldError[] {
  if (!ref.apiVersion) return [fieldRequired(`${field}.apiVersion`)];
  if (!ref.fieldPath) return [fieldRequired(`${field}.fieldPath`)];
  const subscripted = /^(.*)\['(.*)'\]$/.exec(ref.fieldPath);
  if (subscripted) {
    const [, path = '', key = ''] = subscripted;
    if (path === 'metadata.annotations') return checked(field, key.toLowerCase(), checkQualifiedName);
    if (path === 'metadata.labels') return checked(field, key, checkQualifiedName);
    return [fieldInvalid(field, path, 'does not support subscript')];
  }
  if (!KNOWN_FIELDS.has(ref.fieldPath)) {
    return [fieldInvalid(`${field}.fieldPath`, ref.fieldPath, `error converting fieldPath: field label not supported: ${ref.fieldPath}`)];
  }
  return allowed.includes(ref.fieldPath) ? [] : [fieldNotSupported(`${field}.fieldPath`, ref.fieldPath, allowed)];
}

function validateResourceRef(ref: ResourceFieldSelector, field: string, isFile: boolean): readonly FieldError[] {
  if (isFile && !ref.containerName) return [fieldRequired(`${field}.containerName`)];
  if (!ref.resource) return [fieldRequired(`${field}.resource`)];
  if (!RESOURCES.includes(ref.resource) && !/^(limits|requests)\.hugepages-/.test(ref.resource)) {
    return [fieldNotSupported(`${field}.resource`, ref.resource, RESOURCES)];
  }
  const kind = ref.resource.endsWith('.cpu') ? 'cpu' : ref.resource.endsWith('.memory') ? 'memory' : 'local ephemeral storage';
  const allowed = kind === 'cpu' ? CPU_DIVISORS : BYTE_DIVISORS;
  if (ref.divisor === undefined || allowed.includes(ref.divisor)) return [];
  const list = kind === 'cpu' ? '1m and 1' : BYTE_DIVISORS.slice(1).join(', ');
  return [fieldInvalid(`${field}.divisor`, kind, `only divisor's values ${list} are supported with the ${kind} resource`)];
}

/** A key of a ConfigMap or Secret. */
const validateKeyRef = (ref: { readonly name?: string; readonly key: string }, field: string): readonly FieldError[] => [
  ...(ref.name ? [] : [fieldRequired(`${field}.name`)]),
  ...(ref.key ? checked(`${field}.key`, ref.key, checkConfigMapKey) : [fieldRequired(`${field}.key`)]),
];

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const;

function validateValueFrom(variable: EnvVar, source: EnvVarSource, field: string): readonly FieldError[] {
  const count = SOURCES.filter((one) => source[one] !== undefined).length;
  if (count === 0) return [fieldInvalid(field, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`')];
  if (variable.value) return [fieldInvalid(field, '', 'may not be specified when `value` is not empty')];
  if (count > 1) return [fieldInvalid(field, '', 'may not have more than one field specified at a time')];
  if (source.fieldRef) return validateFieldRef(source.fieldRef, `${field}.fieldRef`, ENV_FIELDS);
  if (source.resourceFieldRef) return validateResourceRef(source.resourceFieldRef, `${field}.resourceFieldRef`, false);
  if (source.configMapKeyRef) return validateKeyRef(source.configMapKeyRef, `${field}.configMapKeyRef`);
  return source.secretKeyRef ? validateKeyRef(source.secretKeyRef, `${field}.secretKeyRef`) : [];
}

export const validateEnv = (variables: readonly EnvVar[], field: string): readonly FieldError[] =>
  variables.flatMap((variable, index) => {
    const at = `${field}[${index}]`;
    return [
      ...(variable.name ? checked(`${at}.name`, variable.name, checkEnvVarName) : [fieldRequired(`${at}.name`)]),
      ...(variable.valueFrom ? validateValueFrom(variable, variable.valueFrom, `${at}.valueFrom`) : []),
    ];
  });

export const validateEnvFrom = (sources: readonly EnvFromSource[], field: string): readonly FieldError[] =>
  sources.flatMap((source, index) => {
    const at = `${field}[${index}]`;
    const errors = source.prefix ? [...checked(`${at}.prefix`, source.prefix, checkEnvVarName)] : [];
    if (source.configMapRef && !source.configMapRef.name) errors.push(fieldRequired(`${at}.configMapRef.name`));
    if (source.secretRef && !source.secretRef.name) errors.push(fieldRequired(`${at}.secretRef.name`));
    if (!source.configMapRef && !source.secretRef) errors.push(fieldInvalid(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (source.configMapRef && source.secretRef) errors.push(fieldInvalid(field, '', 'may not have more than one field specified at a time'));
    return errors;
  });

/** A field or resource of the pod that becomes a file. */
export function validateDownwardSource(
  item: { readonly fieldRef?: ObjectFieldSelector; readonly resourceFieldRef?: ResourceFieldSelector },
  field: string,
): readonly FieldError[] {
  if (item.fieldRef && item.resourceFieldRef) {
    return [fieldInvalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously')];
  }
  if (item.fieldRef) return validateFieldRef(item.fieldRef, `${field}.fieldRef`, FILE_FIELDS);
  if (item.resourceFieldRef) return validateResourceRef(item.resourceFieldRef, `${field}.resourceFieldRef`, true);
  return [fieldRequired(field, 'one of fieldRef and resourceFieldRef is required')];
}
