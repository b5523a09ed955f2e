import {
  checkDns1123Label,
  checkQualifiedName,
  type FieldError,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
} from '../../../../apimachinery/index.ts';
import type { ServicePort, ServiceSpec } from '../../../schema/types.ts';
import { checked } from '../../../validation/errors.ts';
import { validatePortNumber, validatePortNumberOrName, validateProtocol } from '../../../validation/ports.ts';

/** One port; several must be named. */
function validatePort(port: ServicePort, field: string, several: boolean): readonly FieldError[] {
  return [
    ...(port.name ? checked(`${field}.name`, port.name, checkDns1123Label) : several ? [fieldRequired(`${field}.name`)] : []),
    ...validatePortNumber(`${field}.port`, port.port),
    ...validateProtocol(`${field}.protocol`, port.protocol),
    ...(port.targetPort === undefined ? [] : validatePortNumberOrName(`${field}.targetPort`, port.targetPort)),
    ...(port.appProtocol === undefined ? [] : checked(`${field}.appProtocol`, port.appProtocol, checkQualifiedName)),
  ];
}

/** Ports may not repeat a name, a number with its protocol, or a node port with its protocol. */
function duplicates(ports: readonly ServicePort[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  const repeated = (key: string): boolean => {
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  };
  for (const [index, port] of ports.entries()) {
    const field = `spec.ports[${index}]`;
    if (port.name && repeated(`name ${port.name}`)) errors.push(fieldDuplicate(`${field}.name`, port.name));
    if (repeated(`port ${port.protocol} ${port.port}`)) errors.push(fieldDuplicate(field, { protocol: port.protocol, port: port.port }));
    if (port.nodePort && repeated(`node ${port.protocol} ${port.nodePort}`)) {
      errors.push(fieldDuplicate(`${field}.nodePort`, { protocol: port.protocol, nodePort: port.nodePort }));
    }
  }
  return errors;
}

const hasNodePorts = (spec: ServiceSpec): boolean => spec.type === 'NodePort' || spec.type === 'LoadBalancer';

/** The ports of a Service. Whether a node port is in range and free is the allocator's to say. */
export function validateServicePorts(spec: ServiceSpec, headless: boolean): readonly FieldError[] {
  const ports = spec.ports ?? [];
  const errors: FieldError[] = [];
  if (ports.length === 0 && !headless && spec.type !== 'ExternalName') errors.push(fieldRequired('spec.ports'));
  for (const [index, port] of ports.entries()) {
    const field = `spec.ports[${index}]`;
    errors.push(...validatePort(port, field, ports.length > 1));
    if (port.nodePort === undefined || port.nodePort === 0) continue;
    if (port.nodePort < 0) errors.push(fieldInvalid(`${field}.nodePort`, port.nodePort, 'must be between 1 and 65535, inclusive'));
    if (!hasNodePorts(spec)) errors.push(fieldForbidden(`${field}.nodePort`, `may not be used when \`type\` is '${spec.type}'`));
  }
  return [...errors, ...duplicates(ports)];
}
