import {
  checkDns1123Label,
  checkDns1123Subdomain,
  type FieldError,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooMany,
} from '../../../../apimachinery/index.ts';
import type { DiscoveryEndpointPort, Endpoint, EndpointSlice } from '../../../schema/types.ts';
import { validateEndpointIp } from '../../../validation/addresses.ts';
import { checked, immutable } from '../../../validation/errors.ts';
import { validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';
import { validatePortNumber, validateProtocol } from '../../../validation/ports.ts';

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];
const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;

function validateAddress(address: string, type: string | undefined, field: string): readonly FieldError[] {
  if (type === 'FQDN') return checked(field, address, checkDns1123Subdomain);
  const errors = validateEndpointIp(field, address);
  if (errors.length > 0 || (type !== 'IPv4' && type !== 'IPv6')) return errors;
  const isV6 = address.includes(':');
  return isV6 === (type === 'IPv6') ? [] : [fieldInvalid(field, address, `must be a valid ${type} address`)];
}

function validateEndpoint(endpoint: Endpoint, type: string | undefined, field: string): readonly FieldError[] {
  const addresses = endpoint.addresses ?? [];
  return [
    ...(addresses.length === 0 ? [fieldRequired(`${field}.addresses`, 'must contain at least 1 address')] : []),
    ...(addresses.length > MAX_ADDRESSES ? [fieldTooMany(`${field}.addresses`, addresses.length, MAX_ADDRESSES)] : []),
    ...addresses.flatMap((address, index) => validateAddress(address, type, `${field}.addresses[${index}]`)),
    ...(endpoint.nodeName === undefined ? [] : checked(`${field}.nodeName`, endpoint.nodeName, checkDns1123Subdomain)),
    ...(endpoint.hostname === undefined ? [] : checked(`${field}.hostname`, endpoint.hostname, checkDns1123Label)),
  ];
}

function validatePorts(ports: readonly DiscoveryEndpointPort[]): readonly FieldError[] {
  const errors: FieldError[] = ports.length > MAX_PORTS ? [fieldTooMany('ports', ports.length, MAX_PORTS)] : [];
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const field = `ports[${index}]`;
    const name = port.name ?? '';
    if (name !== '') errors.push(...checked(`${field}.name`, name, checkDns1123Label));
    if (names.has(name)) errors.push(fieldDuplicate(`${field}.name`, name));
    names.add(name);
    errors.push(...validateProtocol(`${field}.protocol`, port.protocol));
    if (port.port !== undefined) errors.push(...validatePortNumber(`${field}.port`, port.port));
  }
  return errors;
}

export function validateEndpointSlice(object: EndpointSlice): readonly FieldError[] {
  const endpoints = object.endpoints ?? [];
  const type = object.addressType;
  return [
    ...validateMetadata(object, { namespaced: true }),
    ...(!type ? [fieldRequired('addressType')] : ADDRESS_TYPES.includes(type) ? [] : [fieldNotSupported('addressType', type, ADDRESS_TYPES)]),
    ...(endpoints.length > MAX_ENDPOINTS ? [fieldTooMany('endpoints', endpoints.length, MAX_ENDPOINTS)] : []),
    ...endpoints.flatMap((endpoint, index) => validateEndpoint(endpoint, type, `endpoints[${index}]`)),
    ...validatePorts(object.ports ?? []),
  ];
}

export const validateEndpointSliceUpdate = (object: EndpointSlice, old: EndpointSlice): readonly FieldError[] => [
  ...validateMetadataUpdate(object, old),
  ...immutable('addressType', object.addressType, object.addressType === old.addressType),
];
