import { badRequest } from '../../apimachinery/index.ts';
import type { Call } from '../request/call.ts';

/** What every write takes from its query. */
export interface WriteOptions {
  readonly dryRun: boolean;
  /** Whose fields the written ones become. */
  readonly manager: string;
}

const MANAGER_LIMIT = 128;

/** Throws 400 for what Kubernetes refuses too. A manager that is not given is the client program's name. */
export function writeOptionsOf(call: Call): WriteOptions {
  const manager = call.query.get('fieldManager') || (call.headers['user-agent'] ?? '').split('/')[0] || call.user.name;
  if (manager.length > MANAGER_LIMIT) throw badRequest(`fieldManager: Too long: may not be more than ${MANAGER_LIMIT} bytes`);
  return { dryRun: isDryRun(call.query.getAll('dryRun')), manager };
}

/** Only `All` is a dry run; anything else is refused rather than done for real. */
export function isDryRun(values: readonly string[]): boolean {
  for (const value of values) {
    if (value !== 'All') throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(value)}: supported values: "All"`);
  }
  return values.length > 0;
}
