import { checkDns1123Label, checkDns1123Subdomain, type FieldError, fieldRequired } from '../../../../apimachinery/index.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints } from '../../../schema/types.ts';
import { validateEndpointIp } from '../../../validation/addresses.ts';
import { checked } from '../../../validation/errors.ts';
import { validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';
import { validatePortNumber, validateProtocol, validateSharedPortName } from '../../../validation/ports.ts';

const validateAddress = (address: EndpointAddress, field: string): readonly FieldError[] => [
  ...validateEndpointIp(`${field}.ip`, address.ip ?? ''),
  ...(address.hostname ? checked(`${field}.hostname`, address.hostname, checkDns1123Label) : []),
  ...(address.nodeName === undefined ? [] : checked(`${field}.nodeName`, address.nodeName, checkDns1123Subdomain)),
];

const validatePort = (port: EndpointPort, field: string, needsName: boolean): readonly FieldError[] => [
  ...validateSharedPortName(`${field}.name`, port.name, needsName),
  ...validatePortNumber(`${field}.port`, port.port),
  ...validateProtocol(`${field}.protocol`, port.protocol),
];

function validateSubset(subset: EndpointSubset, field: string): readonly FieldError[] {
  const ready = subset.addresses ?? [];
  const notReady = subset.notReadyAddresses ?? [];
  const ports = subset.ports ?? [];
  return [
    ...(ready.length + notReady.length === 0 ? [fieldRequired(field, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...ready.flatMap((one, index) => validateAddress(one, `${field}.addresses[${index}]`)),
    ...notReady.flatMap((one, index) => validateAddress(one, `${field}.notReadyAddresses[${index}]`)),
    ...ports.flatMap((one, index) => validatePort(one, `${field}.ports[${index}]`, ports.length > 1)),
  ];
}

export const validateEndpoints = (object: Endpoints): readonly FieldError[] => [
  ...validateMetadata(object, { namespaced: true }),
  ...(object.subsets ?? []).flatMap((subset, index) => validateSubset(subset, `subsets[${index}]`)),
];

export const validateEndpointsUpdate = (object: Endpoints, old: Endpoints): readonly FieldError[] => validateMetadataUpdate(object, old);
