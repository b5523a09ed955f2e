import type { Transport } from '../apimachinery/index.ts';
import { httpTransport } from './http-transport.ts';

/** To the API server of a home, over its Unix socket. Whoever may open the socket is admin. */
export function unixSocketTransport(path: string): Transport {
  const options = Promise.resolve({ request: { socketPath: path, host: 'localhost' }, headers: {} });
  return httpTransport({ name: `unix:${path}`, secure: false, options: () => options });
}
