import {
  checkConfigMapKey,
  checkDns1123Label,
  type FieldError,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  parseQuantity,
} from '../../../../apimachinery/index.ts';
import type { DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource, Volume, VolumeProjection } from '../../../schema/types.ts';
import { checked } from '../../../validation/errors.ts';
import { validateDownwardSource } from './validate-env.ts';

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];
const MAX_MODE = 0o777;

const hasBackstep = (path: string): boolean => path.split('/').includes('..');

/** A path inside a volume, which may not leave it. */
export function validateDescendingPath(path: string, field: string): readonly FieldError[] {
  if (path.startsWith('/')) return [fieldInvalid(field, path, 'must be a relative path')];
  return hasBackstep(path) ? [fieldInvalid(field, path, "must not contain '..'")] : [];
}

const validateFilePath = (path: string | undefined, field: string): readonly FieldError[] => {
  if (!path) return [fieldRequired(field)];
  return [
    ...validateDescendingPath(path, field),
    ...(path.startsWith('..') && !path.startsWith('../') ? [fieldInvalid(field, path, "must not start with '..'")] : []),
  ];
};

const validateMode = (mode: number | undefined, field: string): readonly FieldError[] =>
  mode !== undefined && (mode < 0 || mode > MAX_MODE) ? [fieldInvalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')] : [];

const validateItems = (items: readonly KeyToPath[] | undefined, field: string): readonly FieldError[] =>
  (items ?? []).flatMap((item, index) => {
    const at = `${field}.items[${index}]`;
    return [
      ...(item.key ? checked(`${at}.key`, item.key, checkConfigMapKey) : [fieldRequired(`${at}.key`)]),
      ...validateFilePath(item.path, `${at}.path`),
      ...validateMode(item.mode, `${at}.mode`),
    ];
  });

const validateFiles = (items: readonly DownwardAPIVolumeFile[] | undefined, field: string): readonly FieldError[] =>
  (items ?? []).flatMap((item, index) => {
    const at = `${field}.items[${index}]`;
    return [...validateFilePath(item.path, `${at}.path`), ...validateDownwardSource(item, at), ...validateMode(item.mode, `${at}.mode`)];
  });

const named = (name: string | undefined, field: string): readonly FieldError[] => (name ? [] : [fieldRequired(field)]);

const PROJECTIONS = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken', 'clusterTrustBundle', 'podCertificate'] as const;

function validateProjection(source: VolumeProjection, field: string): readonly FieldError[] {
  const given = PROJECTIONS.filter((one) => source[one] !== undefined);
  if (given.length === 0) return [fieldRequired(field, 'exactly one projection must be specified')];
  const errors: FieldError[] = given.slice(1).map((one) => fieldForbidden(`${field}.${one}`, 'may not specify more than 1 volume type per source'));
  if (source.secret) errors.push(...named(source.secret.name, `${field}.secret.name`), ...validateItems(source.secret.items, `${field}.secret`));
  if (source.configMap) {
    errors.push(...named(source.configMap.name, `${field}.configMap.name`), ...validateItems(source.configMap.items, `${field}.configMap`));
  }
  if (source.downwardAPI) errors.push(...validateFiles(source.downwardAPI.items, `${field}.downwardAPI`));
  return errors;
}

function validateProjected(source: ProjectedVolumeSource, field: string): readonly FieldError[] {
  const errors = [...validateMode(source.defaultMode, `${field}.defaultMode`)];
  const paths = new Set<string>();
  for (const [index, projection] of (source.sources ?? []).entries()) {
    const at = `${field}.sources[${index}]`;
    errors.push(...validateProjection(projection, at));
    const items = projection.secret?.items ?? projection.configMap?.items ?? projection.downwardAPI?.items ?? [];
    for (const { path } of items) {
      if (path && paths.has(path)) errors.push(fieldInvalid(field, path, 'conflicting duplicate paths'));
      paths.add(path);
    }
  }
  return errors;
}

function validateSource(volume: Volume, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { hostPath, emptyDir, secret, configMap, downwardAPI, projected } = volume;
  if (hostPath) {
    if (!hostPath.path) errors.push(fieldRequired(`${field}.hostPath.path`));
    else if (hasBackstep(hostPath.path)) errors.push(fieldInvalid(`${field}.hostPath.path`, hostPath.path, "must not contain '..'"));
    if (hostPath.type !== undefined && !HOST_PATH_TYPES.includes(hostPath.type)) {
      errors.push(fieldNotSupported(`${field}.hostPath.type`, hostPath.type, HOST_PATH_TYPES));
    }
  }
  if (emptyDir?.sizeLimit !== undefined && parseQuantity(emptyDir.sizeLimit).nanos < 0n) {
    errors.push(fieldForbidden(`${field}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
  }
  if (secret) {
    errors.push(...named(secret.secretName, `${field}.secret.secretName`), ...validateMode(secret.defaultMode, `${field}.secret.defaultMode`));
    errors.push(...validateItems(secret.items, `${field}.secret`));
  }
  if (configMap) {
    errors.push(...named(configMap.name, `${field}.configMap.name`), ...validateMode(configMap.defaultMode, `${field}.configMap.defaultMode`));
    errors.push(...validateItems(configMap.items, `${field}.configMap`));
  }
  if (downwardAPI) {
    errors.push(...validateMode(downwardAPI.defaultMode, `${field}.downwardAPI.defaultMode`), ...validateFiles(downwardAPI.items, `${field}.downwardAPI`));
  }
  if (projected) errors.push(...validateProjected(projected, `${field}.projected`));
  return errors;
}

/** Volumes: names that differ, one source each. Sources that are not served are refused by the kind's field policies. */
export function validateVolumes(volumes: readonly Volume[], field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, volume] of volumes.entries()) {
    const at = `${field}[${index}]`;
    const sources = Object.entries(volume).filter(([key, value]) => key !== 'name' && value !== undefined);
    if (sources.length === 0) errors.push(fieldRequired(at, 'must specify a volume type'));
    for (const [source] of sources.slice(1)) errors.push(fieldForbidden(`${at}.${source}`, 'may not specify more than 1 volume type'));
    errors.push(...validateSource(volume, at));
    if (!volume.name) errors.push(fieldRequired(`${at}.name`));
    else errors.push(...checked(`${at}.name`, volume.name, checkDns1123Label));
    if (volume.name && names.has(volume.name)) errors.push(fieldDuplicate(`${at}.name`, volume.name));
    names.add(volume.name);
  }
  return errors;
}
