import { checkDns1123Subdomain, type FieldError, fieldInvalid, fieldNotSupported, fieldRequired } from '../../../../apimachinery/index.ts';
import type { PodSpec } from '../../../schema/types.ts';
import { validateIp } from '../../../validation/addresses.ts';
import { checked } from '../../../validation/errors.ts';

const POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];
/** What resolv.conf can hold. */
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;

/** dnsPolicy and dnsConfig of a pod's spec at `field`. */
export function validateDns(spec: PodSpec, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const at = `${field}.dnsConfig`;
  const config = spec.dnsConfig;
  if (!spec.dnsPolicy) errors.push(fieldRequired(`${field}.dnsPolicy`));
  else if (!POLICIES.includes(spec.dnsPolicy)) errors.push(fieldNotSupported(`${field}.dnsPolicy`, spec.dnsPolicy, POLICIES));
  if (spec.dnsPolicy === 'None') {
    if (!config) return [...errors, fieldRequired(at, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if ((config.nameservers ?? []).length === 0) {
      errors.push(fieldRequired(`${at}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'));
    }
  }
  const servers = config?.nameservers ?? [];
  const searches = config?.searches ?? [];
  if (servers.length > MAX_NAMESERVERS) errors.push(fieldInvalid(`${at}.nameservers`, servers, `must not have more than ${MAX_NAMESERVERS} nameservers`));
  for (const [index, ip] of servers.entries()) errors.push(...validateIp(`${at}.nameservers[${index}]`, ip));
  if (searches.length > MAX_SEARCHES) errors.push(fieldInvalid(`${at}.searches`, searches, `must not have more than ${MAX_SEARCHES} search paths`));
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS) {
    errors.push(fieldInvalid(`${at}.searches`, searches, `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`));
  }
  for (const [index, search] of searches.entries()) errors.push(...checked(`${at}.searches[${index}]`, search.replace(/\.$/, ''), checkDns1123Subdomain));
  for (const [index, option] of (config?.options ?? []).entries()) {
    if (!option.name) errors.push(fieldRequired(`${at}.options[${index}]`, 'must not be empty'));
  }
  return errors;
}
