import { checkDns1123Subdomain, type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../../../apimachinery/index.ts';
import type { Service, ServiceSpec } from '../../../schema/types.ts';
import { validateEndpointIp, validateIp } from '../../../validation/addresses.ts';
import { checked } from '../../../validation/errors.ts';
import { validateLabels, validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';
import { validateServicePorts } from './validate-ports.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const POLICIES = ['Cluster', 'Local'];
const DAY_SECONDS = 86_400;

const oneOf = (field: string, value: string | undefined, allowed: readonly string[]): readonly FieldError[] => {
  if (!value) return [fieldRequired(field)];
  return allowed.includes(value) ? [] : [fieldNotSupported(field, value, allowed)];
};

function validateClusterIps(spec: ServiceSpec): readonly FieldError[] {
  const all = spec.clusterIPs ?? [];
  const errors: FieldError[] = [];
  if (spec.type === 'ExternalName') {
    for (const field of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) {
      const value = field === 'clusterIPs' ? (all.length > 0 ? all : spec.clusterIP) : spec[field];
      if (value && value.length > 0) errors.push(fieldForbidden(`spec.${field}`, 'may not be set for ExternalName services'));
    }
    return errors;
  }
  if (all.length > 0 && spec.clusterIP !== undefined && all[0] !== spec.clusterIP) {
    errors.push(fieldInvalid('spec.clusterIPs', all, 'first value must match `clusterIP`'));
  }
  const given = all.length > 0 ? all : spec.clusterIP ? [spec.clusterIP] : [];
  for (const [index, ip] of given.entries()) {
    if (ip === 'None') {
      if (given.length > 1) errors.push(fieldInvalid('spec.clusterIPs', given, "'None' must be the first and only value"));
    } else if (ip !== '') errors.push(...validateIp(`spec.clusterIPs[${index}]`, ip));
  }
  if (given[0] === 'None' && (spec.type === 'NodePort' || spec.type === 'LoadBalancer')) {
    errors.push(fieldInvalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`));
  }
  return errors;
}

function validateAffinity(spec: ServiceSpec): readonly FieldError[] {
  const errors = [...oneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None'])];
  const config = spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'None' && config) {
    errors.push(fieldForbidden('spec.sessionAffinityConfig', 'must not be set when session affinity is None'));
  }
  const seconds = config?.clientIP?.timeoutSeconds;
  if (spec.sessionAffinity === 'ClientIP' && seconds !== undefined && (seconds <= 0 || seconds > DAY_SECONDS)) {
    errors.push(fieldInvalid('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, `must be greater than 0 and less than ${DAY_SECONDS}`));
  }
  return errors;
}

function validateTraffic(spec: ServiceSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  const outside = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0);
  const external = spec.externalTrafficPolicy;
  if (outside) errors.push(...oneOf('spec.externalTrafficPolicy', external, POLICIES));
  else if (external) errors.push(fieldInvalid('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services'));
  if (spec.type !== 'ExternalName') errors.push(...oneOf('spec.internalTrafficPolicy', spec.internalTrafficPolicy, POLICIES));
  if (spec.type !== 'LoadBalancer') {
    if (spec.loadBalancerClass !== undefined) errors.push(fieldForbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"));
    if ((spec.loadBalancerSourceRanges?.length ?? 0) > 0) {
      errors.push(fieldForbidden('spec.LoadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'"));
    }
    if (spec.allocateLoadBalancerNodePorts !== undefined) {
      errors.push(fieldForbidden('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'"));
    }
  }
  return errors;
}

function validateExternalName(spec: ServiceSpec): readonly FieldError[] {
  if (spec.type !== 'ExternalName') return [];
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  return name === '' ? [fieldRequired('spec.externalName')] : checked('spec.externalName', name, checkDns1123Subdomain);
}

export function validateService(object: Service): readonly FieldError[] {
  const errors = [...validateMetadata(object, { namespaced: true, nameRule: 'dns-1035-label' })];
  const spec = object.spec ?? {};
  const headless = (spec.clusterIPs?.[0] ?? spec.clusterIP) === 'None';
  return [
    ...errors,
    ...validateServicePorts(spec, headless),
    ...validateExternalName(spec),
    ...validateClusterIps(spec),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
    ...(spec.externalIPs ?? []).flatMap((ip, index) => validateEndpointIp(`spec.externalIPs[${index}]`, ip)),
    ...oneOf('spec.type', spec.type, TYPES),
    ...validateTraffic(spec),
  ];
}

/** An address once given stays, unless the Service stops or starts having one. */
export function validateServiceUpdate(object: Service, old: Service): readonly FieldError[] {
  const errors = [...validateMetadataUpdate(object, old)];
  const spec = object.spec ?? {};
  const before = old.spec ?? {};
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return errors;
  const was = before.clusterIPs?.[0] ?? before.clusterIP;
  const is = spec.clusterIPs?.[0] ?? spec.clusterIP;
  if (was && is !== was) errors.push(fieldInvalid('spec.clusterIPs[0]', spec.clusterIPs ?? [is ?? ''], 'may not change once set'));
  return errors;
}
