import type { ContainerConfig, ContainerRecord, Runtime, RuntimeEvent, SandboxConfig, SandboxNetwork } from '../../runtimes/index.ts';
import type { Clock } from '../../std/index.ts';
import type { PodNetwork } from '../contract.ts';

/** A runtime without processes whose containers do what a test says. Everything it was asked is in `log`. */
export class FakeMachine {
  readonly log: string[] = [];
  readonly sandboxes = new Map<string, SandboxConfig>();
  readonly containers = new Map<string, ContainerRecord>();
  readonly configs = new Map<string, ContainerConfig>();
  readonly #handlers = new Set<(event: RuntimeEvent) => void>();
  readonly #clock: Clock;
  readonly #addresses = new Map<string, string>();
  /** Signals that end a container; 143 for SIGTERM. */
  endsOn: readonly string[] = ['SIGTERM', 'SIGINT', 'SIGKILL'];
  failStart: Error | undefined;
  ports: readonly number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  emit(event: RuntimeEvent): void {
    for (const handler of this.#handlers) handler(event);
  }

  exit(id: string, exitCode: number): void {
    const record = this.containers.get(id);
    if (record?.state !== 'running') return;
    const ended: ContainerRecord = { ...record, state: 'exited', exitCode, finishedAtMs: this.#clock.now(), reason: exitCode === 0 ? 'Completed' : 'Error' };
    this.containers.set(id, ended);
    this.emit({ type: 'exited', container: ended });
  }

  readonly runtime: Runtime = {
    name: 'fake',
    version: '0.0.0',
    limitations: () => [],
    startSandbox: async (config) => {
      this.log.push(`sandbox ${config.id}`);
      this.sandboxes.set(config.id, config);
    },
    removeSandbox: async (id) => {
      this.log.push(`remove ${id}`);
      this.sandboxes.delete(id);
      for (const [key, one] of this.containers) if (one.sandboxId === id) this.containers.delete(key);
    },
    startContainer: async (config) => {
      if (this.failStart) throw this.failStart;
      const known = this.containers.get(config.id);
      if (known) return known;
      this.log.push(`start ${config.id}`);
      const record: ContainerRecord = {
        id: config.id,
        sandboxId: config.sandboxId,
        name: config.name,
        attempt: config.attempt,
        state: 'running',
        pid: 1,
        startTicks: '1',
        startedAtMs: this.#clock.now(),
        logPath: config.logPath,
        droppedLogBytes: 0,
      };
      this.configs.set(config.id, config);
      this.containers.set(config.id, record);
      return record;
    },
    drainContainer: async (id) => void this.log.push(`drain ${id}`),
    signalContainer: async (id, signal) => {
      this.log.push(`${signal} ${id}`);
      if (this.endsOn.includes(signal)) this.exit(id, signal === 'SIGKILL' ? 137 : 143);
    },
    sendMessage: async () => false,
    removeContainer: async (id) => {
      this.log.push(`forget ${id}`);
      this.containers.delete(id);
    },
    list: async () => ({ sandboxes: [...this.sandboxes.values()], containers: [...this.containers.values()] }),
    subscribe: (handler) => {
      this.#handlers.add(handler);
      return { close: () => void this.#handlers.delete(handler) };
    },
    exec: async (id, command) => {
      this.log.push(`exec ${id} ${command.join(' ')}`);
      return { exitCode: 0 };
    },
    listeningPorts: async () => this.ports.map((port) => ({ host: '127.0.0.1', port })),
    stats: async () => undefined,
    close: () => undefined,
  };

  readonly network: PodNetwork = {
    mode: 'netns',
    dnsAddress: '10.96.0.10',
    limitations: () => [],
    attach: async (pod) => {
      this.log.push(`attach ${pod.uid}`);
      const ip = this.#addresses.get(pod.uid) ?? `127.1.${Math.floor((this.#addresses.size + 1) / 250)}.${(this.#addresses.size + 1) % 250}`;
      this.#addresses.set(pod.uid, ip);
      const network: SandboxNetwork = { mode: pod.hostNetwork ? 'host' : 'loopback', ip: pod.hostNetwork ? '192.0.2.1' : ip, env: {} };
      return network;
    },
    detach: async (uid) => void this.log.push(`detach ${uid}`),
    withdraw: async (ip) => void this.log.push(`withdraw ${ip}`),
    admit: (ip) => void this.log.push(`admit ${ip}`),
  };
}
