import { type Amounts, amountsOf, type Node } from '../../kinds/index.ts';
import type { HostPort, PodInfo } from './pod-info.ts';

/** Pods per node when the node does not say. */
const DEFAULT_PODS = 110;

/** What a pod takes on its node. */
export type PodUse = Pick<PodInfo, 'requests' | 'hostPorts'>;

/** A node and what runs on it, kept up to date pod by pod. */
export class NodeInfo {
  readonly name: string;
  #node: Node;
  #allocatable: Amounts = {};
  readonly #requested = new Map<string, number>();
  readonly #ports = new Map<string, HostPort[]>();
  #podCount = 0;

  constructor(node: Node) {
    this.name = node.metadata.name ?? '';
    this.#node = node;
    this.setNode(node);
  }

  get node(): Node {
    return this.#node;
  }
  get labels(): { readonly [key: string]: string } {
    return this.#node.metadata.labels ?? {};
  }
  get podCount(): number {
    return this.#podCount;
  }

  setNode(node: Node): void {
    this.#node = node;
    const allocatable = node.status?.allocatable ?? node.status?.capacity;
    this.#allocatable = allocatable ? { pods: DEFAULT_PODS, ...amountsOf(allocatable) } : {};
  }

  /** cpu in thousandths of a core, the rest in its own unit; 0 for what the node does not have. */
  allocatable(resource: string): number {
    return this.#allocatable[resource] ?? 0;
  }
  requested(resource: string): number {
    return this.#requested.get(resource) ?? 0;
  }

  add(info: PodUse): void {
    this.#podCount++;
    for (const resource in info.requests) this.#requested.set(resource, this.requested(resource) + (info.requests[resource] ?? 0));
    for (const port of info.hostPorts) {
      const key = `${port.protocol}/${port.port}`;
      const users = this.#ports.get(key);
      if (users) users.push(port);
      else this.#ports.set(key, [port]);
    }
  }

  remove(info: PodUse): void {
    this.#podCount--;
    for (const resource in info.requests) this.#requested.set(resource, this.requested(resource) - (info.requests[resource] ?? 0));
    for (const port of info.hostPorts) {
      const key = `${port.protocol}/${port.port}`;
      const rest = (this.#ports.get(key) ?? []).filter((one) => one !== port);
      if (rest.length > 0) this.#ports.set(key, rest);
      else this.#ports.delete(key);
    }
  }

  /** Whether a pod here has the port already (and does not share it). */
  isTaken({ protocol, port, address, shareGroup }: HostPort): boolean {
    const users = this.#ports.get(`${protocol}/${port}`);
    if (!users) return false;
    return users.some((user) => (user.address === '' || address === '' || user.address === address) && (shareGroup === '' || user.shareGroup !== shareGroup));
  }
}
