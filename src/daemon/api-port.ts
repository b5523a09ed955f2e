import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ShimClient } from '../runtimes/index.ts';
import { errorCode, type HomePaths, replaceFile } from '../std/index.ts';

const HOST = '127.0.0.1';
const TRIES = 200;

export interface ApiSocket {
  readonly handle: unknown;
  readonly port: number;
}

/**
 * The socket of the HTTPS API, held by the shim so that clients wait while no daemon runs. The port that this home had before is taken again,
 * so that kubeconfigs stay valid; a new home takes the first free port from `firstPort` on.
 */
export async function bindApiSocket(shim: ShimClient, home: HomePaths, firstPort: number): Promise<ApiSocket> {
  const file = join(home.home, 'api-port');
  const kept = Number(await readFile(file, 'utf8').catch(() => '')) || undefined;
  let failure: unknown;
  for (let at = 0; at < TRIES; at += 1) {
    const port = at === 0 && kept ? kept : firstPort + at;
    try {
      const handle = await shim.bind(HOST, port);
      if (port !== kept) replaceFile(file, String(port));
      return { handle, port };
    } catch (error) {
      failure = error;
      if (errorCode(error) !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error(`no free port for the API on ${HOST} from ${firstPort} to ${firstPort + TRIES - 1}`, { cause: failure });
}
