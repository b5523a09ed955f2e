import { badRequest, invalid, StatusError } from '../../apimachinery/index.ts';

/** A resourceVersion parameter: undefined when it was left out, 0 for "anything you have". Throws 400. */
export function revisionParameter(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion');
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`);
  return Number(text);
}

/** A revision of the future: the client has seen more than this server knows of (another history), so it must list again. */
export function requireKnownRevision(asked: number, current: number): void {
  if (asked <= current) return;
  const message = `Too large resource version: ${asked}, current: ${current}`;
  throw new StatusError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: ${message}`,
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** The rules that hold between resourceVersion, resourceVersionMatch, continue and sendInitialEvents. Throws 422 as Kubernetes does. */
export function checkListParameters(query: URLSearchParams, watch: boolean): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const version = query.get('resourceVersion') ?? '';
  const sendInitialEvents = query.get('sendInitialEvents');
  const refuse = (field: string, type: 'FieldValueForbidden' | 'FieldValueNotSupported' | 'FieldValueInvalid', detail: string): never => {
    throw invalid('meta.k8s.io', 'ListOptions', '', [{ type, field, detail }]);
  };
  if (watch) {
    if (match !== '' && sendInitialEvents === null) {
      refuse('resourceVersionMatch', 'FieldValueForbidden', 'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    }
    if (sendInitialEvents !== null && match !== 'NotOlderThan') {
      refuse('resourceVersionMatch', 'FieldValueForbidden', 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
    }
    return;
  }
  if (sendInitialEvents !== null) refuse('sendInitialEvents', 'FieldValueForbidden', 'Forbidden: sendInitialEvents is forbidden for list');
  if (match === '') return;
  if (query.get('continue')) refuse('resourceVersionMatch', 'FieldValueForbidden', 'Forbidden: resourceVersionMatch is forbidden when continue is provided');
  if (version === '') refuse('resourceVersionMatch', 'FieldValueForbidden', 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    refuse('resourceVersionMatch', 'FieldValueNotSupported', `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`);
  }
  if (match === 'Exact' && version === '0') {
    refuse('resourceVersionMatch', 'FieldValueForbidden', 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
}
