import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Pod, type PodSpec, pod as podKind } from '../../kinds/index.ts';
import { errorText, homePaths } from '../../std/index.ts';
import type { Kubelet } from '../contract.ts';
import { startKubelet } from '../kubelet.ts';
import { FakeApi } from './fake-api.ts';
import { FakeMachine } from './fake-machine.ts';
import { ManualClock, settled } from './manual-clock.ts';

/** A node agent among fakes. `restart` is a daemon's death and return: what runs and what the API knows stays. */
export class NodeUnderTest {
  readonly clock = new ManualClock();
  readonly api = new FakeApi();
  readonly machine = new FakeMachine(this.clock);
  readonly events: string[] = [];
  readonly errors: string[] = [];
  readonly home = mkdtempSync(join(tmpdir(), 'drover-kubelet-'));
  kubelet: Kubelet | undefined;

  async start(): Promise<void> {
    this.kubelet = startKubelet({
      client: this.api.client,
      informers: this.api.informers,
      events: { event: (about, type, reason, message) => void this.events.push(`${about.metadata.name} ${type} ${reason}: ${message}`) },
      runtime: this.machine.runtime,
      network: this.machine.network,
      clock: this.clock,
      home: homePaths(this.home),
      nodeName: 'here',
      nodeAddress: '192.0.2.1',
      capacity: { cpuCores: 2, memoryBytes: 2 ** 31, ephemeralStorageBytes: 2 ** 33 },
      version: 'v1.33.0',
      environment: { PATH: '/usr/bin:/bin', HOME: '/root' },
      onError: (error, about) => void this.errors.push(`${about}: ${errorText(error)}`),
      random: () => 0,
    });
    await this.kubelet.ready;
    await this.clock.advance(1);
  }

  async restart(): Promise<void> {
    await this.kubelet?.close();
    await this.start();
  }

  async close(): Promise<void> {
    await this.kubelet?.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** A pod as the scheduler leaves it. */
  addPod(name: string, spec: PodSpec, metadata: Pod['metadata'] = {}): Pod {
    return this.api.put(podKind, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', uid: `uid-${name}`, ...metadata },
      spec: { nodeName: 'here', restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...spec },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    });
  }

  pod(name: string): Pod | undefined {
    return this.api.get(podKind, name, 'default');
  }

  /** What `kubectl delete` does. */
  deletePod(name: string, graceSeconds: number = 30): void {
    const found = this.pod(name);
    if (!found) throw new Error(`no pod ${name}`);
    const deletionTimestamp = new Date(this.clock.now() + graceSeconds * 1000).toISOString();
    this.api.put(podKind, { ...found, metadata: { ...found.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds } });
  }

  /** Lets file operations under way come to their end until this holds; a millisecond of the clock passes with each look. */
  async until(holds: () => boolean): Promise<void> {
    for (let looks = 0; looks < 500 && !holds(); looks += 1) await this.settle();
    if (!holds()) throw new Error(`never held: ${String(holds)}`);
  }

  async settle(): Promise<void> {
    await settled();
    await this.clock.advance(1);
  }
}

/** A container that runs a command of this machine. */
export const sleeper = (name: string = 'app') => ({ name, image: 'busybox', command: ['sleep', '1000'] });
