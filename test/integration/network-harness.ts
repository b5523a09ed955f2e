import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { KubeObject } from '../../src/apimachinery/index.ts';
import type { ApiClient, EventRecorder, Indexes, Informer, InformerFactory, InformerHandler } from '../../src/client/index.ts';
import type { EndpointSlice, KindDefinition, Service } from '../../src/kinds/index.ts';
import { chooseRanges, type NetworkRanges, type PodNetwork, startNetwork, teardown } from '../../src/network/index.ts';
import { type HomePaths, homePaths, systemClock } from '../../src/std/index.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Informers over objects that a test puts there. */
class ObjectTable implements InformerFactory {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #handlers = new Map<string, Set<InformerHandler<KubeObject>>>();

  #of(kind: string): Map<string, KubeObject> {
    const known = this.#objects.get(kind) ?? new Map<string, KubeObject>();
    this.#objects.set(kind, known);
    return known;
  }

  put(object: KubeObject): void {
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    const old = this.#of(object.kind).get(key);
    this.#of(object.kind).set(key, object);
    for (const handler of this.#handlers.get(object.kind) ?? []) {
      if (old) handler.updated?.(object, old);
      else handler.added?.(object);
    }
  }

  remove(kind: string, namespace: string, name: string): void {
    const old = this.#of(kind).get(`${namespace}/${name}`);
    this.#of(kind).delete(`${namespace}/${name}`);
    if (old) for (const handler of this.#handlers.get(kind) ?? []) handler.deleted?.(old);
  }

  informer<T extends KubeObject>(kind: KindDefinition<T>, indexes: Indexes<T> = {}): Informer<T> {
    const all = () => [...this.#of(kind.kind).values()] as T[];
    return {
      hasSynced: true,
      synced: async () => undefined,
      get: (name, namespace) => this.#of(kind.kind).get(`${namespace}/${name}`) as T | undefined,
      list: (namespace) => all().filter((object) => namespace === undefined || object.metadata.namespace === namespace),
      byIndex: (index, value) => all().filter((object) => indexes[index]?.(object).includes(value)),
      subscribe: (handler) => {
        const handlers = this.#handlers.get(kind.kind) ?? new Set();
        this.#handlers.set(kind.kind, handlers);
        handlers.add(handler as InformerHandler<KubeObject>);
        for (const object of all()) handler.added?.(object);
        return { close: () => void handlers.delete(handler as InformerHandler<KubeObject>) };
      },
    };
  }

  close(): void {
    this.#handlers.clear();
  }
}

export const serviceOf = (name: string, spec: Service['spec'], namespace = 'shop'): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  ...(spec ? { spec } : {}),
});

export const sliceOf = (
  service: string,
  endpoints: readonly { readonly ip: string; readonly ready?: boolean; readonly hostname?: string }[],
  ports: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[],
  namespace = 'shop',
): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: `${service}-1`, namespace, labels: { 'kubernetes.io/service-name': service } },
  addressType: 'IPv4',
  endpoints: endpoints.map(({ ip, ready = true, hostname }) => ({ addresses: [ip], conditions: { ready }, ...(hostname ? { hostname } : {}) })),
  ports,
});

/** Bundles the proxy's program into a directory. */
async function buildProxy(directory: string): Promise<string> {
  const outfile = join(directory, 'proxy.mjs');
  const banner = { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" };
  await build({
    absWorkingDir: root,
    entryPoints: ['src/network/proxy/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner,
    logLevel: 'error',
  });
  return outfile;
}

const APP = `
const http = require('http');
const name = process.env.NAME;
http.createServer((request, response) => response.end(name)).listen(Number(process.env.APP_PORT), process.env.HOST);
`;

export interface RunningApp {
  readonly process: ChildProcess;
  kill(): Promise<void>;
}

/** A home with a network, and what a test started in it. */
export class NetworkUnderTest {
  readonly home: HomePaths;
  readonly objects = new ObjectTable();
  readonly events: { readonly reason: string; readonly message: string }[] = [];
  ranges!: NetworkRanges;
  network!: PodNetwork;
  proxy: ChildProcess | undefined;
  readonly #directory: string;
  #program: Promise<string> | undefined;
  readonly #children = new Set<ChildProcess>();

  constructor() {
    this.#directory = mkdtempSync(join(tmpdir(), 'drover-network-'));
    this.home = homePaths(join(this.#directory, 'home'));
    writeFileSync(join(this.#directory, 'app.cjs'), APP);
  }

  async start(env: NodeJS.ProcessEnv): Promise<void> {
    this.ranges = await chooseRanges({ home: this.home, env });
    await this.startDaemonSide();
  }

  async startDaemonSide(): Promise<void> {
    const events: EventRecorder = { event: (_about, _type, reason, message) => void this.events.push({ reason, message }) };
    this.network = await startNetwork({
      client: {} as ApiClient,
      informers: this.objects,
      events,
      clock: systemClock,
      home: this.home,
      ranges: this.ranges,
      apiServerPort: 6443,
      shim: {
        startProxy: async () => {
          if (this.proxy && this.proxy.exitCode === null && this.proxy.signalCode === null) return;
          await this.startProxy();
        },
      },
    });
  }

  proxyProgram(): Promise<string> {
    this.#program ??= buildProxy(this.#directory);
    return this.#program;
  }

  async startProxy(): Promise<void> {
    this.proxy = this.launch(process.execPath, [await this.proxyProgram(), '--home', this.home.home], {});
  }

  launch(command: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit'] });
    this.adopt(child);
    return child;
  }

  /** The process is ended with the test. */
  protected adopt(child: ChildProcess): void {
    this.#children.add(child);
    child.on('exit', () => this.#children.delete(child));
  }

  /** Starts a small web server at a pod's address that answers with its name, and waits until it listens. */
  async app(uid: string, port: number): Promise<RunningApp & { readonly ip: string }> {
    const attachment = await this.network.attach({ uid, namespace: 'shop', name: uid, hostNetwork: false });
    const script = join(this.#directory, 'app.cjs');
    const env = { NAME: uid, APP_PORT: String(port), HOST: attachment.mode === 'netns' ? '0.0.0.0' : attachment.ip };
    const child = attachment.netnsPath
      ? this.launch('nsenter', [`--net=${attachment.netnsPath}`, process.execPath, script], env)
      : this.launch(process.execPath, [script], env);
    await until(() => canConnect(attachment.ip, port));
    return { ip: attachment.ip, process: child, kill: () => ended(child) };
  }

  async stop(): Promise<void> {
    await this.network?.close();
    await Promise.all([...this.#children].map(ended));
    await teardown(this.home);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

export function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Waits until something holds, at most 10 s. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within 10 s: ${holds}`);
    await systemClock.sleep(20);
  }
}

/** One request on a connection of its own; resolves with the body. */
export async function ask(url: string, timeoutMs = 10_000): Promise<string> {
  const response = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(timeoutMs) });
  return response.text();
}
