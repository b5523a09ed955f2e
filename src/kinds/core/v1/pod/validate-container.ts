import {
  checkDns1123Label,
  checkPortName,
  type FieldError,
  fieldDuplicate,
  fieldInvalid,
  fieldNotFound,
  fieldNotSupported,
  fieldRequired,
} from '../../../../apimachinery/index.ts';
import type { Container, ContainerPort, SecurityContext, VolumeMount } from '../../../schema/types.ts';
import { checked } from '../../../validation/errors.ts';
import { validatePortNumber, validateProtocol } from '../../../validation/ports.ts';
import { validateEnv, validateEnvFrom } from './validate-env.ts';
import { validateResources } from './validate-resources.ts';
import { validateDescendingPath } from './validate-volumes.ts';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['FallbackToLogsOnError', 'File'];
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const MAX_ID = 2_147_483_647;

const oneOf = (field: string, value: string | undefined, allowed: readonly string[]): readonly FieldError[] => {
  if (!value) return [fieldRequired(field)];
  return allowed.includes(value) ? [] : [fieldNotSupported(field, value, allowed)];
};

/** A user or group id. */
export const validateId = (field: string, id: number | undefined): readonly FieldError[] =>
  id !== undefined && (id < 0 || id > MAX_ID) ? [fieldInvalid(field, id, `must be between 0 and ${MAX_ID}, inclusive`)] : [];

function validatePorts(ports: readonly ContainerPort[], field: string): readonly FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const at = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (port.name) {
      const wrong = checked(`${at}.name`, port.name, checkPortName);
      errors.push(...wrong);
      if (wrong.length === 0 && names.has(port.name)) errors.push(fieldDuplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    errors.push(...(port.containerPort ? validatePortNumber(`${at}.containerPort`, port.containerPort) : [fieldRequired(`${at}.containerPort`)]));
    if (port.hostPort) errors.push(...validatePortNumber(`${at}.hostPort`, port.hostPort));
    return [...errors, ...validateProtocol(`${at}.protocol`, port.protocol)];
  });
}

function validateMounts(mounts: readonly VolumeMount[], volumes: ReadonlySet<string>, field: string): readonly FieldError[] {
  const paths = new Set<string>();
  return mounts.flatMap((mount, index) => {
    const at = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (!mount.name) errors.push(fieldRequired(`${at}.name`));
    else if (!volumes.has(mount.name)) errors.push(fieldNotFound(`${at}.name`, mount.name));
    if (!mount.mountPath) errors.push(fieldRequired(`${at}.mountPath`));
    else if (paths.has(mount.mountPath)) errors.push(fieldInvalid(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
    if (mount.subPath) errors.push(...validateDescendingPath(mount.subPath, `${at}.subPath`));
    if (mount.subPathExpr) {
      if (mount.subPath) errors.push(fieldInvalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      errors.push(...validateDescendingPath(mount.subPathExpr, `${at}.subPathExpr`));
    }
    return errors;
  });
}

function validateSecurity(context: SecurityContext | undefined, field: string): readonly FieldError[] {
  if (!context) return [];
  const errors = [...validateId(`${field}.runAsUser`, context.runAsUser), ...validateId(`${field}.runAsGroup`, context.runAsGroup)];
  if (context.allowPrivilegeEscalation === false && context.privileged) {
    errors.push(fieldInvalid(field, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
  }
  if (context.allowPrivilegeEscalation === false && context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
    errors.push(fieldInvalid(field, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
  }
  return errors;
}

/** What every container must be, whether it runs first, beside or for good. */
export function validateContainer(container: Container, field: string, volumes: ReadonlySet<string>): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!container.name) errors.push(fieldRequired(`${field}.name`));
  else errors.push(...checked(`${field}.name`, container.name, checkDns1123Label));
  if (!container.image) errors.push(fieldRequired(`${field}.image`));
  else if (container.image !== container.image.trim()) {
    errors.push(fieldInvalid(`${field}.image`, container.image, 'must not have leading or trailing whitespace'));
  }
  errors.push(...oneOf(`${field}.terminationMessagePolicy`, container.terminationMessagePolicy, MESSAGE_POLICIES));
  if (container.restartPolicy !== undefined) errors.push(...oneOf(`${field}.restartPolicy`, container.restartPolicy, RESTART_POLICIES));
  errors.push(
    ...validatePorts(container.ports ?? [], `${field}.ports`),
    ...validateEnv(container.env ?? [], `${field}.env`),
    ...validateEnvFrom(container.envFrom ?? [], `${field}.envFrom`),
    ...validateMounts(container.volumeMounts ?? [], volumes, `${field}.volumeMounts`),
    ...oneOf(`${field}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES),
    ...validateResources(container.resources, `${field}.resources`),
    ...validateSecurity(container.securityContext, `${field}.securityContext`),
  );
  return errors;
}
