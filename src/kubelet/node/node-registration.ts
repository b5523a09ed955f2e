import { deepEqual, isAlreadyExists, isConflict, isNotFound } from '../../apimachinery/index.ts';
import type { ApiClient, ResourceClient } from '../../client/index.ts';
import { type Lease, lease as leaseKind, type Node, node as nodeKind } from '../../kinds/index.ts';
import { type Clock, type Closable, rfc3339Micro } from '../../std/index.ts';
import { type NodeInput, newNode, nodeLabels, nodeStatus, withoutHeartbeats } from './node-object.ts';

export interface NodeRegistrationOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly nodeName: string;
  /** What is true of the node now. */
  readonly measure: () => Promise<NodeInput>;
  readonly onError: (error: unknown, about: string) => void;
}

const BEAT_MS = 10_000;
const STATUS_MS = 300_000;
const LEASE_SECONDS = 40;
const LEASE_NAMESPACE = 'kube-node-lease';

/** Keeps this node's Node object and its Lease: the lease every 10 s, the status when it changed or after five minutes. */
export class NodeRegistration implements Closable {
  readonly #options: NodeRegistrationOptions;
  readonly #nodes: ResourceClient<Node>;
  readonly #leases: ResourceClient<Lease>;
  #lease: Lease | undefined;
  #lastStatusMs = 0;
  #beating = false;
  #timer: Closable | undefined;

  constructor(options: NodeRegistrationOptions) {
    this.#options = options;
    this.#nodes = options.client.resource(nodeKind);
    this.#leases = options.client.resource(leaseKind);
  }

  /** Whether the API knew this node before; registers it and begins to beat. Rejects when the API does not answer. */
  async start(): Promise<{ readonly knownBefore: boolean }> {
    const known = await this.#node();
    if (known) await this.#report(known);
    else await this.#create();
    await this.#renew().catch((error: unknown) => this.#options.onError(error, 'creating the node lease'));
    this.#timer = this.#options.clock.every(BEAT_MS, () => void this.#beat());
    return { knownBefore: known !== undefined };
  }

  /** Something of the node has changed: say so now. */
  refresh(): void {
    void this.#beat();
  }

  close(): void {
    void this.#timer?.close();
  }

  async #beat(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    try {
      await this.#renew();
      const known = await this.#node();
      if (known) await this.#report(known);
      else await this.#create();
    } catch (error) {
      this.#options.onError(error, `reporting node ${this.#options.nodeName}`);
    }
    this.#beating = false;
  }

  async #node(): Promise<Node | undefined> {
    try {
      return await this.#nodes.get(this.#options.nodeName);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #create(): Promise<void> {
    const wanted = newNode(await this.#options.measure());
    try {
      const made = await this.#nodes.create(wanted);
      // A server clears the status of what is created.
      if (!deepEqual(made.status, wanted.status)) await this.#nodes.updateStatus({ ...made, ...(wanted.status ? { status: wanted.status } : {}) });
      this.#lastStatusMs = this.#options.clock.now();
    } catch (error) {
      if (!isAlreadyExists(error) && !isConflict(error)) throw error;
    }
  }

  async #report(known: Node): Promise<void> {
    const input = await this.#options.measure();
    const status = nodeStatus(input, known.status);
    const due = input.nowMs - this.#lastStatusMs >= STATUS_MS;
    try {
      let current = known;
      const labels = { ...known.metadata.labels, ...nodeLabels(input) };
      if (!deepEqual(labels, known.metadata.labels)) current = await this.#nodes.update({ ...known, metadata: { ...known.metadata, labels } });
      if (!due && deepEqual(withoutHeartbeats(status), withoutHeartbeats(known.status ?? {}))) return;
      await this.#nodes.updateStatus({ ...current, status });
      this.#lastStatusMs = input.nowMs;
    } catch (error) {
      // Somebody else wrote in between; the next beat sees what they wrote.
      if (!isConflict(error)) throw error;
    }
  }

  async #renew(): Promise<void> {
    const { nodeName, clock } = this.#options;
    const renewTime = rfc3339Micro(clock.now());
    try {
      this.#lease ??= await this.#leases.get(nodeName, LEASE_NAMESPACE);
      this.#lease = await this.#leases.update({
        ...this.#lease,
        spec: { ...this.#lease.spec, holderIdentity: nodeName, leaseDurationSeconds: LEASE_SECONDS, renewTime },
      });
    } catch (error) {
      this.#lease = undefined;
      if (isConflict(error)) return;
      if (!isNotFound(error)) throw error;
      const metadata = { name: nodeName, namespace: LEASE_NAMESPACE };
      const spec = { holderIdentity: nodeName, leaseDurationSeconds: LEASE_SECONDS, renewTime };
      this.#lease = await this.#leases.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
    }
  }
}
