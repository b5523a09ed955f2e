import type { SandboxNetwork } from '../../runtimes/index.ts';
import type { ContainerTrack } from './container-track.ts';
import type { WorkerParts } from './worker-parts.ts';

/** Whether a pod's own address gets new connections. Pods on the machine's network share theirs with others: for them nothing is done here. */
export class Rotation {
  readonly #parts: Pick<WorkerParts, 'network' | 'onError'>;
  #withdrawn: Promise<void> | undefined;

  constructor(parts: Pick<WorkerParts, 'network' | 'onError'>) {
    this.#parts = parts;
  }

  /** Takes the address out of rotation, once; resolves when no new connection comes in. Never rejects: a pod that must stop is stopped. */
  withdraw(network: SandboxNetwork | undefined): Promise<void> {
    if (!network || network.mode === 'host') return Promise.resolve();
    this.#withdrawn ??= this.#parts.network.withdraw(network.ip).catch((error: unknown) => this.#parts.onError(error, `withdrawing ${network.ip}`));
    return this.#withdrawn;
  }

  /** Leaves it to the EndpointSlices again once every container that stays is ready. */
  admitWhenReady(network: SandboxNetwork | undefined, tracks: readonly ContainerTrack[]): void {
    if (!this.#withdrawn || !network) return;
    if (!tracks.every((one) => one.role === 'init' || (one.ready && one.operation === undefined))) return;
    this.#withdrawn = undefined;
    this.#parts.network.admit(network.ip);
  }
}
