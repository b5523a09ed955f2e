import type { ConfigMap, Container, EnvVar, Pod, Secret, Service } from '../../kinds/index.ts';
import { ConfigError } from './config-error.ts';
import { expand } from './expand.ts';
import { type FieldContext, fieldRefValue } from './field-ref.ts';
import { type MachineResources, resourceFieldValue } from './resource-field.ts';
import { serviceLinks } from './service-links.ts';

/** Objects that environments and volumes are filled from. */
export interface ObjectSources {
  configMap(namespace: string, name: string): ConfigMap | undefined;
  secret(namespace: string, name: string): Secret | undefined;
  services(namespace: string): readonly Service[];
  kubernetesService(): Service | undefined;
}

export interface EnvInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly sources: ObjectSources;
  readonly fields: FieldContext;
  readonly machine: MachineResources;
  readonly hostname: string;
  /** What every container gets beneath its own variables: PATH, HOME, what the network and the image add. */
  readonly base: { readonly [name: string]: string };
}

type Env = { [name: string]: string };

const decode = (value: string): string => Buffer.from(value, 'base64').toString('utf8');

/** The whole environment of a container. Throws ConfigError with Kubernetes' text when something it names is missing. */
export function containerEnv(input: EnvInput): { readonly [name: string]: string } {
  const { pod, container, sources } = input;
  const namespace = pod.metadata.namespace ?? '';
  const links = serviceLinks(sources.services(namespace), sources.kubernetesService(), pod.spec?.enableServiceLinks ?? true);
  const own: Env = {};
  for (const from of container.envFrom ?? []) addAll(own, from.prefix ?? '', fromSource(from, namespace, sources));
  for (const variable of container.env ?? []) {
    const value = variableValue(variable, input, (name) => own[name] ?? links[name]);
    if (value !== undefined) own[variable.name] = value;
  }
  return { ...input.base, HOSTNAME: input.hostname, ...links, ...own };
}

function addAll(env: Env, prefix: string, values: { readonly [key: string]: string }): void {
  for (const [key, value] of Object.entries(values)) if (!key.includes('=') && key !== '') env[`${prefix}${key}`] = value;
}

function fromSource(from: NonNullable<Container['envFrom']>[number], namespace: string, sources: ObjectSources): { readonly [key: string]: string } {
  if (from.configMapRef) {
    const found = sources.configMap(namespace, from.configMapRef.name ?? '');
    if (!found && !from.configMapRef.optional) throw new ConfigError(`configmap "${from.configMapRef.name}" not found`);
    return found?.data ?? {};
  }
  if (from.secretRef) {
    const found = sources.secret(namespace, from.secretRef.name ?? '');
    if (!found && !from.secretRef.optional) throw new ConfigError(`secret "${from.secretRef.name}" not found`);
    return Object.fromEntries(Object.entries(found?.data ?? {}).map(([key, value]) => [key, decode(value)]));
  }
  return {};
}

/** undefined: optional and missing, so the variable is not set at all. */
function variableValue(variable: EnvVar, input: EnvInput, lookup: (name: string) => string | undefined): string | undefined {
  const from = variable.valueFrom;
  const namespace = input.pod.metadata.namespace ?? '';
  if (!from) return expand(variable.value ?? '', lookup);
  if (from.fieldRef) {
    const value = fieldRefValue(input.pod, from.fieldRef.fieldPath, input.fields);
    if (value === undefined) throw new ConfigError(`unsupported fieldPath: ${from.fieldRef.fieldPath}`);
    return value;
  }
  if (from.resourceFieldRef) return resourceFieldValue(input.pod, from.resourceFieldRef, input.container.name, input.machine);
  if (from.configMapKeyRef) {
    const ref = from.configMapKeyRef;
    const found = input.sources.configMap(namespace, ref.name ?? '');
    if (!found && !ref.optional) throw new ConfigError(`configmap "${ref.name}" not found`);
    const value = found?.data?.[ref.key];
    if (value === undefined && !ref.optional) throw new ConfigError(`couldn't find key ${ref.key} in ConfigMap ${namespace}/${ref.name}`);
    return value;
  }
  if (from.secretKeyRef) {
    const ref = from.secretKeyRef;
    const found = input.sources.secret(namespace, ref.name ?? '');
    if (!found && !ref.optional) throw new ConfigError(`secret "${ref.name}" not found`);
    const value = found?.data?.[ref.key];
    if (value === undefined && !ref.optional) throw new ConfigError(`couldn't find key ${ref.key} in Secret ${namespace}/${ref.name}`);
    return value === undefined ? undefined : decode(value);
  }
  throw new ConfigError(`environment variable ${variable.name}: valueFrom names no source that this node supports`);
}
