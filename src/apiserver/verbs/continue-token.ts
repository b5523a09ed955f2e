import { badRequest } from '../../apimachinery/index.ts';

/** Where a chunked list goes on: after a key, at the revision of its first chunk. Revision -1 means whatever is there now. */
export interface ContinueToken {
  readonly revision: number;
  readonly after: string;
}

const VERSION = 'drover.dev/v1';
const INVALID = 'continue key is not valid';

export const writeContinueToken = ({ revision, after }: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: VERSION, rv: revision, after })).toString('base64url');

/** Throws 400 for what this server did not write. */
export function readContinueToken(text: string): ContinueToken {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    throw badRequest(`${INVALID}: it is not a token of this server`);
  }
  if (typeof value !== 'object' || value === null || !('v' in value) || value.v !== VERSION)
    throw badRequest(`${INVALID}: server does not recognize this encoded version`);
  if (!('rv' in value) || typeof value.rv !== 'number' || !Number.isInteger(value.rv)) throw badRequest(`${INVALID}: incorrect encoded start resourceVersion`);
  if (!('after' in value) || typeof value.after !== 'string') throw badRequest(`${INVALID}: incorrect encoded start key`);
  return { revision: value.rv, after: value.after };
}
