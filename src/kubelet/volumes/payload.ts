import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Pod, Secret, Volume, VolumeProjection } from '../../kinds/index.ts';
import { ConfigError } from '../env/config-error.ts';
import type { ObjectSources } from '../env/container-env.ts';
import { type FieldContext, fieldRefValue } from '../env/field-ref.ts';
import { type MachineResources, resourceFieldValue } from '../env/resource-field.ts';

interface PayloadFile {
  readonly data: Buffer;
  /** Permission bits. */
  readonly mode: number;
}

/** Files of a volume by their path inside it. */
export type Payload = ReadonlyMap<string, PayloadFile>;

export interface PayloadInput {
  readonly pod: Pod;
  readonly sources: ObjectSources;
  readonly fields: FieldContext;
  readonly machine: MachineResources;
}

const DEFAULT_MODE = 0o644;

/** The files of a configMap, secret, downwardAPI or projected volume; undefined for other volumes. Throws ConfigError when something it names is missing. */
export function volumePayload(volume: Volume, input: PayloadInput): Payload | undefined {
  const namespace = input.pod.metadata.namespace ?? '';
  const files = new Map<string, PayloadFile>();
  if (volume.configMap) {
    const { name = '', items, optional } = volume.configMap;
    addKeys(files, configMapBytes(input.sources.configMap(namespace, name), name, optional), items, volume.configMap.defaultMode, {
      optional,
      kind: 'config',
      name,
    });
  } else if (volume.secret) {
    const { secretName = '', items, optional } = volume.secret;
    addKeys(files, secretBytes(input.sources.secret(namespace, secretName), secretName, optional), items, volume.secret.defaultMode, {
      optional,
      kind: 'secret',
      name: secretName,
    });
  } else if (volume.downwardAPI) {
    addFields(files, volume.downwardAPI.items, volume.downwardAPI.defaultMode, input);
  } else if (volume.projected) {
    for (const source of volume.projected.sources ?? []) addProjection(files, source, volume.projected.defaultMode, input);
  } else {
    return undefined;
  }
  return files;
}

function addProjection(files: Map<string, PayloadFile>, source: VolumeProjection, mode: number | undefined, input: PayloadInput): void {
  const namespace = input.pod.metadata.namespace ?? '';
  if (source.configMap) {
    const { name = '', items, optional } = source.configMap;
    addKeys(files, configMapBytes(input.sources.configMap(namespace, name), name, optional), items, mode, { optional, kind: 'config', name });
  } else if (source.secret) {
    const { name = '', items, optional } = source.secret;
    addKeys(files, secretBytes(input.sources.secret(namespace, name), name, optional), items, mode, { optional, kind: 'secret', name });
  } else if (source.downwardAPI) {
    addFields(files, source.downwardAPI.items, mode, input);
  } else {
    throw new ConfigError(
      `projected source ${Object.keys(source).join(', ') || '(empty)'} is not supported by this node; supported: configMap, secret, downwardAPI`,
    );
  }
}

type Bytes = ReadonlyMap<string, Buffer>;

function configMapBytes(found: ConfigMap | undefined, name: string, optional: boolean | undefined): Bytes {
  if (!found) {
    if (optional) return new Map();
    throw new ConfigError(`configmap "${name}" not found`);
  }
  return new Map([
    ...Object.entries(found.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'utf8')] as const),
    ...Object.entries(found.binaryData ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const),
  ]);
}

function secretBytes(found: Secret | undefined, name: string, optional: boolean | undefined): Bytes {
  if (!found) {
    if (optional) return new Map();
    throw new ConfigError(`secret "${name}" not found`);
  }
  return new Map(Object.entries(found.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')]));
}

function addKeys(
  files: Map<string, PayloadFile>,
  bytes: Bytes,
  items: readonly KeyToPath[] | undefined,
  defaultMode: number | undefined,
  about: { readonly optional: boolean | undefined; readonly kind: 'config' | 'secret'; readonly name: string },
): void {
  const wanted = items?.length ? items : [...bytes.keys()].map((key): KeyToPath => ({ key, path: key }));
  for (const item of wanted) {
    const data = bytes.get(item.key);
    if (data) files.set(item.path, { data, mode: item.mode ?? defaultMode ?? DEFAULT_MODE });
    else if (!about.optional) throw new ConfigError(`references non-existent ${about.kind} key: ${item.key}`);
  }
}

function addFields(
  files: Map<string, PayloadFile>,
  items: readonly DownwardAPIVolumeFile[] | undefined,
  defaultMode: number | undefined,
  input: PayloadInput,
): void {
  for (const item of items ?? []) {
    let text: string | undefined;
    if (item.fieldRef) text = fieldRefValue(input.pod, item.fieldRef.fieldPath, input.fields);
    else if (item.resourceFieldRef) text = resourceFieldValue(input.pod, item.resourceFieldRef, item.resourceFieldRef.containerName ?? '', input.machine);
    if (text === undefined) throw new ConfigError(`unsupported fieldPath: ${item.fieldRef?.fieldPath ?? '(none)'}`);
    files.set(item.path, { data: Buffer.from(text, 'utf8'), mode: item.mode ?? defaultMode ?? DEFAULT_MODE });
  }
}
