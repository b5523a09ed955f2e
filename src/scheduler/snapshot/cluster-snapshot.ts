import type { Namespace, Node } from '../../kinds/index.ts';
import type { AffinityTerms } from './affinity-terms.ts';
import { NodeInfo, type PodUse } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** Pods that are alike to every rule about other pods, counted by node. */
export interface PodGroup {
  readonly namespace: string;
  readonly labels: { readonly [key: string]: string };
  readonly affinity: AffinityTerms;
  readonly isTerminating: boolean;
  readonly countByNode: ReadonlyMap<string, number>;
}

interface MutableGroup extends PodGroup {
  readonly signature: string;
  readonly countByNode: Map<string, number>;
}

/** What is kept of a placed pod: not the pod itself, of which the cache has a newer state. */
interface Placed {
  readonly use: PodUse;
  readonly group: MutableGroup;
  readonly node: string;
}

/**
 * Nodes and the pods on them. Updating it costs the same however many pods there are; rules about other pods are asked of groups of pods (a workload
 * is one group), not of each pod.
 */
export class ClusterSnapshot {
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #placed = new Map<string, Placed>();
  readonly #groups = new Map<string, MutableGroup>();
  /** Groups that have rules about others themselves. */
  readonly #demanding = new Set<MutableGroup>();
  readonly #namespaceLabels = new Map<string, { readonly [key: string]: string }>();
  #nodeList: readonly NodeInfo[] | undefined;

  /** All nodes, by name. */
  get nodes(): readonly NodeInfo[] {
    this.#nodeList ??= [...this.#nodes.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
    return this.#nodeList;
  }
  get groups(): Iterable<PodGroup> {
    return this.#groups.values();
  }
  get demandingGroups(): Iterable<PodGroup> {
    return this.#demanding;
  }
  get hasDemandingGroups(): boolean {
    return this.#demanding.size > 0;
  }

  node(name: string): NodeInfo | undefined {
    return this.#nodes.get(name);
  }

  namespaceLabels(namespace: string): { readonly [key: string]: string } {
    return this.#namespaceLabels.get(namespace) ?? {};
  }

  setNamespace(namespace: Namespace): void {
    this.#namespaceLabels.set(namespace.metadata.name ?? '', namespace.metadata.labels ?? {});
  }
  removeNamespace(name: string): void {
    this.#namespaceLabels.delete(name);
  }

  setNode(node: Node): void {
    const name = node.metadata.name ?? '';
    const known = this.#nodes.get(name);
    if (known) {
      known.setNode(node);
      return;
    }
    const info = new NodeInfo(node);
    this.#nodes.set(name, info);
    this.#nodeList = undefined;
    for (const placed of this.#placed.values()) if (placed.node === name) info.add(placed.use);
  }
  removeNode(name: string): void {
    this.#nodes.delete(name);
    this.#nodeList = undefined;
  }

  has(key: string): boolean {
    return this.#placed.has(key);
  }

  /** Counts a pod on a node; an earlier state of the same pod is taken out first. */
  place(info: PodInfo, node: string): void {
    this.remove(info.key);
    let group = this.#groups.get(info.signature);
    if (!group) {
      const { namespace, labels, affinity, isTerminating } = info;
      group = { signature: info.signature, namespace, labels, affinity, isTerminating, countByNode: new Map() };
      this.#groups.set(info.signature, group);
      if (Object.values(affinity).some((terms) => terms.length > 0)) this.#demanding.add(group);
    }
    group.countByNode.set(node, (group.countByNode.get(node) ?? 0) + 1);
    const use = { requests: info.requests, hostPorts: info.hostPorts };
    this.#placed.set(info.key, { use, group, node });
    this.#nodes.get(node)?.add(use);
  }

  /** Forgets a pod; false when it was not placed. */
  remove(key: string): boolean {
    const placed = this.#placed.get(key);
    if (!placed) return false;
    const { use, group, node } = placed;
    this.#placed.delete(key);
    this.#nodes.get(node)?.remove(use);
    const rest = (group.countByNode.get(node) ?? 0) - 1;
    if (rest > 0) group.countByNode.set(node, rest);
    else group.countByNode.delete(node);
    if (group.countByNode.size === 0) {
      this.#groups.delete(group.signature);
      this.#demanding.delete(group);
    }
    return true;
  }
}
