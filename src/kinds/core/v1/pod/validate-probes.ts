import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../../../apimachinery/index.ts';
import type { Container, GRPCAction, HTTPGetAction, LifecycleHandler, Probe } from '../../../schema/types.ts';
import { notNegative } from '../../../validation/errors.ts';
import { validatePortNumber, validatePortNumberOrName } from '../../../validation/ports.ts';

const SCHEMES = ['HTTP', 'HTTPS'];
const HEADER_NAME = /^[-A-Za-z0-9]+$/;

const HEADER_TEXT = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";

function validateHttpGet(action: HTTPGetAction, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!action.path) errors.push(fieldRequired(`${field}.path`));
  errors.push(...validatePortNumberOrName(`${field}.port`, action.port));
  if (!SCHEMES.includes(action.scheme ?? '')) errors.push(fieldNotSupported(`${field}.scheme`, action.scheme ?? '', SCHEMES));
  for (const header of action.httpHeaders ?? []) {
    if (!HEADER_NAME.test(header.name)) errors.push(fieldInvalid(`${field}.httpHeaders`, header.name, HEADER_TEXT));
  }
  return errors;
}

interface Handler extends LifecycleHandler {
  readonly grpc?: GRPCAction;
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

/** Exactly one thing to do, and that thing well formed. */
function validateHandler(handler: Handler, field: string, graceSeconds: number): readonly FieldError[] {
  const given = HANDLERS.filter((one) => handler[one] !== undefined);
  if (given.length === 0) return [fieldRequired(field, 'must specify a handler type')];
  const errors: FieldError[] = given.slice(1).map((one) => fieldForbidden(`${field}.${one}`, 'may not specify more than 1 handler type'));
  if (given[0] === 'exec' && (handler.exec?.command?.length ?? 0) === 0) errors.push(fieldRequired(`${field}.exec.command`));
  if (given[0] === 'httpGet' && handler.httpGet) errors.push(...validateHttpGet(handler.httpGet, `${field}.httpGet`));
  if (given[0] === 'tcpSocket' && handler.tcpSocket) errors.push(...validatePortNumberOrName(`${field}.tcpSocket.port`, handler.tcpSocket.port));
  if (given[0] === 'grpc' && handler.grpc) errors.push(...validatePortNumber(`${field}.grpc.port`, handler.grpc.port));
  const seconds = given[0] === 'sleep' ? handler.sleep?.seconds : undefined;
  if (seconds !== undefined && (seconds < 0 || seconds > graceSeconds)) {
    errors.push(fieldInvalid(`${field}.sleep.seconds`, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`));
  }
  return errors;
}

const COUNTS = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const;

function validateProbe(probe: Probe, field: string): readonly FieldError[] {
  const grace = probe.terminationGracePeriodSeconds;
  return [
    ...validateHandler(probe, field, 0),
    ...COUNTS.flatMap((count) => notNegative(`${field}.${count}`, probe[count])),
    ...(grace !== undefined && grace <= 0 ? [fieldInvalid(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0')] : []),
  ];
}

const mustBeOne = (probe: Probe, field: string): readonly FieldError[] =>
  probe.successThreshold === 1 ? [] : [fieldInvalid(`${field}.successThreshold`, probe.successThreshold ?? 0, 'must be 1')];

/** Probes and hooks of a container that runs while the pod does. */
export function validateLife(container: Container, field: string, graceSeconds: number): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  if (lifecycle?.postStart) errors.push(...validateHandler(lifecycle.postStart, `${field}.lifecycle.postStart`, graceSeconds));
  if (lifecycle?.preStop) errors.push(...validateHandler(lifecycle.preStop, `${field}.lifecycle.preStop`, graceSeconds));
  if (livenessProbe) errors.push(...validateProbe(livenessProbe, `${field}.livenessProbe`), ...mustBeOne(livenessProbe, `${field}.livenessProbe`));
  if (readinessProbe) {
    errors.push(...validateProbe(readinessProbe, `${field}.readinessProbe`));
    const grace = readinessProbe.terminationGracePeriodSeconds;
    if (grace !== undefined) {
      errors.push(fieldInvalid(`${field}.readinessProbe.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'));
    }
  }
  if (startupProbe) errors.push(...validateProbe(startupProbe, `${field}.startupProbe`), ...mustBeOne(startupProbe, `${field}.startupProbe`));
  return errors;
}

const LIFE_FIELDS = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** An init container that ends has neither probes nor hooks. */
export const forbidLife = (container: Container, field: string): readonly FieldError[] =>
  LIFE_FIELDS.filter((one) => container[one] !== undefined).map((one) =>
    fieldForbidden(`${field}.${one}`, 'may not be set for init containers without restartPolicy=Always'),
  );
