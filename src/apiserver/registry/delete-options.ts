import { badRequest, checkSchema, type Definitions, decodingError, type FieldError, invalid } from '../../apimachinery/index.ts';
import { readValue } from '../request/body.ts';
import type { Call } from '../request/call.ts';
import { isDryRun } from './write-options.ts';

export type Propagation = 'Orphan' | 'Background' | 'Foreground';

/** How something is to be deleted. */
export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds?: number;
  readonly propagation?: Propagation;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

interface WireDeleteOptions {
  readonly kind?: string;
  readonly dryRun?: readonly string[];
  readonly gracePeriodSeconds?: number;
  readonly orphanDependents?: boolean;
  readonly propagationPolicy?: string;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

const SCHEMA = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
const POLICIES: readonly string[] = ['Foreground', 'Background', 'Orphan'];

/** The options of the body, or of the query when there is no body. Throws 400 and 422 as Kubernetes does. */
export async function deleteOptionsOf(call: Call, definitions: Definitions): Promise<DeleteOptions> {
  const raw = await readValue(call, definitions);
  const wire = raw ? fromBody(raw.value, definitions) : fromQuery(call.query);
  const errors: FieldError[] = [];
  if (wire.propagationPolicy !== undefined && !POLICIES.includes(wire.propagationPolicy)) {
    const supported = [...POLICIES, 'nil'].map((one) => JSON.stringify(one)).join(', ');
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'propagationPolicy',
      detail: `Unsupported value: ${JSON.stringify(wire.propagationPolicy)}: supported values: ${supported}`,
    });
  }
  if (wire.propagationPolicy !== undefined && wire.orphanDependents !== undefined) {
    const detail = 'Invalid value: orphanDependents and deletionPropagation cannot be both set';
    errors.push({ type: 'FieldValueInvalid', field: 'propagationPolicy', detail });
  }
  if (wire.gracePeriodSeconds !== undefined && wire.gracePeriodSeconds < 0 && wire.gracePeriodSeconds !== -1) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'gracePeriodSeconds',
      detail: `Invalid value: ${wire.gracePeriodSeconds}: must be greater than or equal to 0`,
    });
  }
  if (errors.length > 0) throw invalid('meta.k8s.io', 'DeleteOptions', '', errors);
  const propagation = (wire.propagationPolicy as Propagation | undefined) ?? legacyPropagation(wire.orphanDependents);
  return {
    dryRun: isDryRun([...(wire.dryRun ?? []), ...call.query.getAll('dryRun')]),
    ...(wire.gracePeriodSeconds === undefined || wire.gracePeriodSeconds < 0 ? {} : { gracePeriodSeconds: wire.gracePeriodSeconds }),
    ...(propagation ? { propagation } : {}),
    ...(wire.preconditions ? { preconditions: wire.preconditions } : {}),
  };
}

const legacyPropagation = (orphan: boolean | undefined): Propagation | undefined => (orphan === undefined ? undefined : orphan ? 'Orphan' : 'Background');

function fromBody(value: unknown, definitions: Definitions): WireDeleteOptions {
  const checked = checkSchema(definitions, SCHEMA, value);
  if (checked.errors[0] !== undefined) throw decodingError('DeleteOptions', 'v1', checked.errors[0]);
  const options = checked.value as WireDeleteOptions;
  if (options.kind && options.kind !== 'DeleteOptions') throw badRequest(`the body of a deletion is a DeleteOptions, got a ${options.kind}`);
  return options;
}

function fromQuery(query: URLSearchParams): WireDeleteOptions {
  const grace = query.get('gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  const orphan = query.get('orphanDependents');
  if (grace && !/^-?\d{1,9}$/.test(grace)) throw badRequest(`gracePeriodSeconds: ${JSON.stringify(grace)} is not a number of seconds`);
  return {
    ...(grace ? { gracePeriodSeconds: Number(grace) } : {}),
    ...(policy ? { propagationPolicy: policy } : {}),
    ...(orphan ? { orphanDependents: orphan === 'true' } : {}),
  };
}
