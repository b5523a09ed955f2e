import { checkIpAddress, type FieldError, fieldInvalid } from '../../apimachinery/index.ts';

const NEVER: readonly (readonly [RegExp, string])[] = [
  [/^(0\.0\.0\.0|::)$/, 'may not be unspecified (0.0.0.0 or ::)'],
  [/^169\.254\.|^fe[89ab][0-9a-f]:/i, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [/^224\.0\.0\.|^ff[0-9a-f]2:/i, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

/** An IP address, in any version. */
export const validateIp = (field: string, ip: string | undefined): readonly FieldError[] =>
  checkIpAddress(ip ?? '').map((text) => fieldInvalid(field, ip ?? '', text));

/** An address that traffic can be sent to. Loopback ones are fine, other than in Kubernetes: pods without network namespaces have them. */
export function validateEndpointIp(field: string, ip: string | undefined): readonly FieldError[] {
  const wrong = validateIp(field, ip);
  if (wrong.length > 0) return wrong;
  return NEVER.filter(([range]) => range.test(ip ?? '')).map(([, text]) => fieldInvalid(field, ip, text));
}
