import type { ApiRequest, ApiResponse, KubeObject, PodStreams, Transport, WatchEvent } from '../../apimachinery/index.ts';
import { KINDS } from '../../kinds/index.ts';
import { createMemoryStore, type ObjectStore } from '../../storage/index.ts';
import { type ApiServer, type ApiServerOptions, createApiServer } from '../api-server.ts';
import { ManualClock } from './manual-clock.ts';

/** A server on a memory store with time and randomness of the test's own, and short ways to ask it. */
export interface TestServer {
  readonly server: ApiServer;
  readonly clock: ManualClock;
  readonly store: ObjectStore;
  readonly transport: Transport;
  request(method: ApiRequest['method'], path: string, body?: unknown, options?: Partial<ApiRequest>): Promise<ApiResponse>;
  /** As `request`, but an answer of 400 and above throws. */
  ok(method: ApiRequest['method'], path: string, body?: unknown, options?: Partial<ApiRequest>): Promise<KubeObject>;
  /** `count` events of a watch. */
  events(path: string, query: { readonly [name: string]: string }, count: number): Promise<readonly WatchEvent[]>;
}

const noStreams = (): PodStreams | undefined => undefined;

export async function testServer(options: Partial<ApiServerOptions> = {}): Promise<TestServer> {
  const clock = new ManualClock();
  const store = options.store ?? createMemoryStore();
  let ids = 0;
  const server = await createApiServer({
    kinds: KINDS,
    clock,
    version: { kubernetes: '1.33', drover: '0.0.0' },
    streams: noStreams,
    randomness: {
      uuid: () => {
        ids += 1;
        return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
      },
      suffix: (length) => {
        ids += 1;
        return String(ids).padStart(length, 'x');
      },
      below: () => 0,
    },
    ...options,
    store,
  });
  await server.bootstrap({ address: '127.0.0.1', port: 6443 });
  const transport = server.inProcessTransport();
  const request: TestServer['request'] = (method, path, body, more = {}) => {
    const [bare = '', search = ''] = path.split('?');
    const query = { ...Object.fromEntries(new URLSearchParams(search)), ...more.query };
    return transport.request({ method, ...more, path: bare, query, ...(body === undefined ? {} : { body }) });
  };
  return {
    server,
    clock,
    store,
    transport,
    request,
    async ok(method, path, body, more) {
      const answer = await request(method, path, body, more);
      if (answer.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
      return answer.body as KubeObject;
    },
    async events(path, query, count) {
      const seen: WatchEvent[] = [];
      const end = new AbortController();
      for await (const event of transport.watch({ method: 'GET', path, query, signal: end.signal })) {
        seen.push(event);
        if (seen.length === count) end.abort();
      }
      return seen;
    },
  };
}

/** The smallest ConfigMap. */
export const configMap = (name: string, data: { readonly [key: string]: string } = {}, labels?: { readonly [key: string]: string }): KubeObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', ...(labels ? { labels } : {}) }, data }) as KubeObject;

/** A pod on a node, so that deleting it takes its time. */
export const pod = (name: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i:1' }] },
  }) as KubeObject;
