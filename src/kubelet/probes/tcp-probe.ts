import { connect } from 'node:net';
import { dialMessage } from './http-probe.ts';
import type { ProbeAnswer } from './probe-state.ts';

/** Success when a connection is accepted within the time given; it is closed at once. Never rejects. */
export function probeTcp(host: string, port: number, timeoutMs: number): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal: AbortSignal.timeout(timeoutMs) });
    socket.on('connect', () => {
      socket.destroy();
      resolve({ outcome: 'success', message: '' });
    });
    socket.on('error', (error) => {
      const timedOut = error.name === 'AbortError' || error.name === 'TimeoutError';
      resolve({ outcome: 'failure', message: timedOut ? `dial tcp ${host}:${port}: i/o timeout` : dialMessage(error, host, port) });
    });
  });
}
