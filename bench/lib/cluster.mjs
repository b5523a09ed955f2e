// A drover daemon whose pods are simulated, reached over its Unix socket: what costs here is the API, the controllers, the scheduler and the node agent.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = join(dirname(fileURLToPath(import.meta.url)), '../../dist/drover.js');

export function simulatedCluster() {
  const home = mkdtempSync(join(tmpdir(), 'bench-cluster-'));
  const env = { ...process.env, DROVER_HOME: home, DROVER_RUNTIME: 'fake', DROVER_MAX_PODS: '20000', DROVER_NETWORK: 'loopback' };
  execFileSync(process.execPath, [program, 'daemon', 'start', '--wait'], { env, stdio: 'ignore' });
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  /** One request; resolves with { status, bytes, body() } once all of it was read. */
  const ask = (method, path, body) =>
    new Promise((resolve, reject) => {
      const sent = request(
        {
          socketPath: join(home, 'run/api.sock'),
          method,
          path,
          agent,
          headers: { host: 'drover', accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}) },
        },
        (response) => {
          const chunks = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('end', () => {
            const data = Buffer.concat(chunks);
            resolve({ status: response.statusCode, bytes: data.length, body: () => JSON.parse(data.toString()) });
          });
          response.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(body && JSON.stringify(body));
    });
  return {
    home,
    ask,
    /** Opens a watch; calls `seen` per event until `close()`. */
    watch(path, seen) {
      const sent = request(
        { socketPath: join(home, 'run/api.sock'), path: `${path}?watch=true`, headers: { host: 'drover', accept: 'application/json' } },
        (response) => {
          response.on('data', (chunk) => {
            for (const byte of chunk) if (byte === 10) seen();
          });
        },
      );
      sent.on('error', () => undefined);
      sent.end();
      return { close: () => sent.destroy() };
    },
    end() {
      agent.destroy();
      execFileSync(process.execPath, [program, 'kill', '--yes'], { env, stdio: 'ignore' });
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export const podSpec = {
  containers: [{ name: 'app', image: 'drover.dev/host', command: ['true'], workingDir: '/', resources: { requests: { cpu: '0', memory: '0' } } }],
};
