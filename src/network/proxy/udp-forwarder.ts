import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Clock } from '../../std/index.ts';
import { splitEndpoint } from '../table/route.ts';
import type { Balancer, EndpointState } from './balancer.ts';
import { explain } from './binder.ts';

const IDLE_MS = 60_000;
const FLOW_LIMIT = 2_000;
const NOTHING_TRIED: ReadonlySet<string> = new Set();

interface Flow {
  readonly socket: Socket;
  readonly endpoint: EndpointState;
  lastUsedMs: number;
}

export interface UdpForwarderOptions {
  readonly host: string;
  readonly port: number;
  readonly balancer: Balancer;
  readonly clock: Clock;
  readonly affinitySeconds?: number;
  /** Whether an endpoint may still get datagrams of flows that began earlier. */
  readonly allowed: (address: string) => boolean;
}

/**
 * Forwards datagrams of a Service's UDP port. The datagrams of one client socket go to one endpoint until none came for a minute, or the endpoint left.
 * There is nothing to wait with: without an endpoint datagrams are dropped, as the protocol allows.
 */
export function openUdpForwarder(options: UdpForwarderOptions): Promise<{ close(): void }> {
  const { host, port, balancer, clock, affinitySeconds, allowed } = options;
  const front = createSocket('udp4');
  const flows = new Map<string, Flow>();
  const end = (key: string, flow: Flow) => {
    flows.delete(key);
    flow.endpoint.active -= 1;
    flow.socket.close();
  };
  const begin = (key: string, client: RemoteInfo): Flow | undefined => {
    const nowMs = clock.monotonic();
    const endpoint = balancer.pick({ nowMs, tried: NOTHING_TRIED, ...(affinitySeconds === undefined ? {} : { client: client.address, affinitySeconds }) });
    if (!endpoint) return undefined;
    const oldest = flows.size >= FLOW_LIMIT ? flows.entries().next().value : undefined;
    if (oldest) end(...oldest);
    const socket = createSocket('udp4');
    const flow: Flow = { socket, endpoint, lastUsedMs: nowMs };
    const target = splitEndpoint(endpoint.address);
    socket.on('message', (data, from) => {
      if (from.address !== target.host || from.port !== target.port) return;
      flow.lastUsedMs = clock.monotonic();
      front.send(data, client.port, client.address);
    });
    socket.on('error', () => {
      if (flows.get(key) === flow) end(key, flow);
    });
    endpoint.active += 1;
    flows.set(key, flow);
    return flow;
  };
  front.on('message', (data, client) => {
    const key = `${client.address}:${client.port}`;
    const known = flows.get(key);
    if (known && !allowed(known.endpoint.address)) end(key, known);
    const flow = flows.get(key) ?? begin(key, client);
    if (!flow) return;
    flow.lastUsedMs = clock.monotonic();
    const target = splitEndpoint(flow.endpoint.address);
    flow.socket.send(data, target.port, target.host);
  });
  const sweep = clock.every(IDLE_MS / 2, () => {
    const before = clock.monotonic() - IDLE_MS;
    for (const [key, flow] of flows) if (flow.lastUsedMs < before) end(key, flow);
  });
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      sweep.close();
      reject(new Error(explain('UDP', host, port, error), { cause: error }));
    };
    front.once('error', failed);
    front.bind({ address: host, port, exclusive: true }, () => {
      front.off('error', failed);
      // A later error of the front socket concerns one datagram (an unreachable client).
      front.on('error', () => undefined);
      resolve({
        close() {
          sweep.close();
          for (const [key, flow] of flows) end(key, flow);
          front.close();
        },
      });
    });
  });
}
