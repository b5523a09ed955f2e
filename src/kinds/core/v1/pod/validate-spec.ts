import {
  checkDns1123Label,
  checkDns1123Subdomain,
  checkQualifiedName,
  type FieldError,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from '../../../../apimachinery/index.ts';
import type { Container, PodSecurityContext, PodSpec } from '../../../schema/types.ts';
import { validateIp } from '../../../validation/addresses.ts';
import { checked, notNegative } from '../../../validation/errors.ts';
import { validateLabels } from '../../../validation/metadata.ts';
import { sharesPorts } from './annotations.ts';
import { isSidecar } from './conditions.ts';
import { validateAffinity } from './validate-affinity.ts';
import { validateContainer, validateId } from './validate-container.ts';
import { validateDns } from './validate-dns.ts';
import { forbidLife, validateLife } from './validate-probes.ts';
import { validateTolerations, validateTopologySpread } from './validate-scheduling.ts';
import { validateVolumes } from './validate-volumes.ts';

/** Where a pod's spec stands: some rules hold in pods only. */
export interface SpecContext {
  readonly isPod: boolean;
  readonly annotations: { readonly [key: string]: string } | undefined;
}

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const MAX_SECONDS = 2_147_483_647;

function validateContainers(spec: PodSpec, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const volumes = new Set((spec.volumes ?? []).map((volume) => volume.name));
  const names = new Set<string>();
  const grace = spec.terminationGracePeriodSeconds ?? 0;
  const check = (container: Container, at: string): void => {
    errors.push(...validateContainer(container, at, volumes));
    if (container.name && names.has(container.name)) errors.push(fieldDuplicate(`${at}.name`, container.name));
    names.add(container.name);
  };
  if ((spec.containers ?? []).length === 0) errors.push(fieldRequired(`${field}.containers`));
  for (const [index, container] of (spec.containers ?? []).entries()) {
    const at = `${field}.containers[${index}]`;
    check(container, at);
    errors.push(...validateLife(container, at, grace));
  }
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    const at = `${field}.initContainers[${index}]`;
    check(container, at);
    errors.push(...(isSidecar(container) ? validateLife(container, at, grace) : forbidLife(container, at)));
  }
  return errors;
}

/** Ports of the machine that the pod claims: each once, and on the machine's network just the container's own. */
function validateHostPorts(spec: PodSpec, field: string, context: SpecContext): readonly FieldError[] {
  const errors: FieldError[] = [];
  const claimed = new Set<string>();
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (spec[list] ?? []).entries()) {
      for (const [portIndex, port] of (container.ports ?? []).entries()) {
        const at = `${field}.${list}[${index}].ports[${portIndex}].hostPort`;
        const hostPort = port.hostPort ?? 0;
        if (hostPort !== 0) {
          const claim = `${port.protocol}/${port.hostIP ?? ''}/${hostPort}`;
          if (claimed.has(claim)) errors.push(fieldDuplicate(at, claim));
          claimed.add(claim);
        }
        const must = (context.isPod && !sharesPorts(context.annotations)) || hostPort !== 0;
        if (spec.hostNetwork && must && hostPort !== port.containerPort) {
          errors.push(fieldInvalid(at, hostPort, 'must match `containerPort` when `hostNetwork` is true'));
        }
      }
    }
  }
  return errors;
}

function validateSecurity(spec: PodSpec, context: PodSecurityContext, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const id of ['runAsUser', 'runAsGroup', 'fsGroup'] as const) errors.push(...validateId(`${field}.securityContext.${id}`, context[id]));
  for (const [index, group] of (context.supplementalGroups ?? []).entries()) {
    errors.push(...validateId(`${field}.securityContext.supplementalGroups[${index}]`, group));
  }
  if (spec.shareProcessNamespace && spec.hostPID) {
    errors.push(fieldInvalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'));
  }
  return errors;
}

function validateNames(spec: PodSpec, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const) {
    const value = spec[name];
    if (value) errors.push(...checked(`${field}.${name}`, value, checkDns1123Subdomain));
  }
  for (const name of ['hostname', 'subdomain'] as const) {
    const value = spec[name];
    if (value) errors.push(...checked(`${field}.${name}`, value, checkDns1123Label));
  }
  for (const [index, alias] of (spec.hostAliases ?? []).entries()) {
    errors.push(...validateIp(`${field}.hostAliases[${index}].ip`, alias.ip ?? ''));
    for (const [at, name] of (alias.hostnames ?? []).entries())
      errors.push(...checked(`${field}.hostAliases[${index}].hostnames[${at}]`, name, checkDns1123Subdomain));
  }
  for (const [index, gate] of (spec.readinessGates ?? []).entries()) {
    errors.push(...checked(`${field}.readinessGates[${index}].conditionType`, gate.conditionType ?? '', checkQualifiedName));
  }
  return errors;
}

function validateGates(spec: PodSpec, field: string): readonly FieldError[] {
  const gates = spec.schedulingGates ?? [];
  const errors: FieldError[] = gates.flatMap((gate, index) => checked(`${field}.schedulingGates[${index}]`, gate.name ?? '', checkQualifiedName));
  for (const [index, gate] of gates.entries()) {
    if (gates.findIndex((other) => other.name === gate.name) < index) errors.push(fieldDuplicate(`${field}.schedulingGates[${index}]`, gate.name));
  }
  if (gates.length > 0 && spec.nodeName) errors.push(fieldForbidden(`${field}.nodeName`, 'cannot be set until all schedulingGates have been cleared'));
  return errors;
}

/** What a pod's spec must be, in a pod and in a template alike. */
export function validatePodSpec(spec: PodSpec, field: string, context: SpecContext): readonly FieldError[] {
  const errors: FieldError[] = [
    ...validateVolumes(spec.volumes ?? [], `${field}.volumes`),
    ...validateContainers(spec, field),
    ...validateHostPorts(spec, field, context),
  ];
  if (!spec.restartPolicy) errors.push(fieldRequired(`${field}.restartPolicy`));
  else if (!RESTART_POLICIES.includes(spec.restartPolicy)) errors.push(fieldNotSupported(`${field}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES));
  errors.push(
    ...validateDns(spec, field),
    ...validateLabels(spec.nodeSelector, `${field}.nodeSelector`),
    ...validateSecurity(spec, spec.securityContext ?? {}, field),
    ...validateNames(spec, field),
    ...(spec.affinity ? validateAffinity(spec.affinity, `${field}.affinity`) : []),
    ...validateTolerations(spec.tolerations ?? [], `${field}.tolerations`),
    ...validateTopologySpread(spec.topologySpreadConstraints ?? [], `${field}.topologySpreadConstraints`),
    ...validateGates(spec, field),
    ...notNegative(`${field}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds),
  );
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_SECONDS)) {
    errors.push(fieldInvalid(`${field}.activeDeadlineSeconds`, deadline, `must be between 1 and ${MAX_SECONDS}, inclusive`));
  }
  return errors;
}
