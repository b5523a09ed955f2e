import type { AffinityTerm } from '../snapshot/affinity-terms.ts';
import type { ClusterSnapshot, PodGroup } from '../snapshot/cluster-snapshot.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import { FINE, reject, rejectFinally, type SchedulerPlugin } from './plugin.ts';

/** Weights by topology key and value (all nodes of one zone, say). */
class TopologyCounts {
  readonly #counts = new Map<string, Map<string, number>>();

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  /** Adds the pods of a group, wherever they run, under the term's topology key. */
  add(snapshot: ClusterSnapshot, group: PodGroup, term: AffinityTerm, sign: 1 | -1 = 1): void {
    for (const [name, count] of group.countByNode) {
      const value = snapshot.node(name)?.labels[term.topologyKey];
      if (value === undefined) continue;
      const byValue = this.#counts.get(term.topologyKey) ?? new Map<string, number>();
      this.#counts.set(term.topologyKey, byValue);
      byValue.set(value, (byValue.get(value) ?? 0) + sign * term.weight * count);
    }
  }

  at(node: NodeInfo, key: string): number {
    const value = node.labels[key];
    return value === undefined ? 0 : (this.#counts.get(key)?.get(value) ?? 0);
  }

  total(node: NodeInfo): number {
    let sum = 0;
    for (const key of this.#counts.keys()) sum += this.at(node, key);
    return sum;
  }
}

/** Whether the rule of somebody means pods like these. */
const means = (snapshot: ClusterSnapshot, term: AffinityTerm, pods: Pick<PodInfo, 'namespace' | 'labels'>): boolean =>
  term.matches(pods.namespace, snapshot.namespaceLabels(pods.namespace), pods.labels);

function requiredCounts(pod: PodInfo, snapshot: ClusterSnapshot) {
  const [existingAnti, ownAnti, ownAffinity] = [new TopologyCounts(), new TopologyCounts(), new TopologyCounts()];
  for (const group of snapshot.demandingGroups) {
    for (const term of group.affinity.requiredAntiAffinity) if (means(snapshot, term, pod)) existingAnti.add(snapshot, group, term);
  }
  const { requiredAffinity, requiredAntiAffinity } = pod.affinity;
  if (requiredAffinity.length > 0 || requiredAntiAffinity.length > 0) {
    for (const group of snapshot.groups) {
      for (const term of requiredAntiAffinity) if (means(snapshot, term, group)) ownAnti.add(snapshot, group, term);
      // A pod counts towards affinity only when it satisfies all terms.
      if (requiredAffinity.every((term) => means(snapshot, term, group))) for (const term of requiredAffinity) ownAffinity.add(snapshot, group, term);
    }
  }
  return { existingAnti, ownAnti, ownAffinity };
}

function preferredCounts(pod: PodInfo, snapshot: ClusterSnapshot): TopologyCounts {
  const counts = new TopologyCounts();
  const { preferredAffinity, preferredAntiAffinity } = pod.affinity;
  if (preferredAffinity.length > 0 || preferredAntiAffinity.length > 0) {
    for (const group of snapshot.groups) {
      for (const term of preferredAffinity) if (means(snapshot, term, group)) counts.add(snapshot, group, term);
      for (const term of preferredAntiAffinity) if (means(snapshot, term, group)) counts.add(snapshot, group, term, -1);
    }
  }
  for (const group of snapshot.demandingGroups) {
    const { affinity } = group;
    for (const term of [...affinity.requiredAffinity, ...affinity.preferredAffinity]) if (means(snapshot, term, pod)) counts.add(snapshot, group, term);
    for (const term of affinity.preferredAntiAffinity) if (means(snapshot, term, pod)) counts.add(snapshot, group, term, -1);
  }
  return counts;
}

/** Affinity and anti-affinity between pods: the pod's own rules, and those of the pods that run already. */
export const interPodAffinity: SchedulerPlugin = {
  name: 'InterPodAffinity',
  weight: 2,
  prepare({ pod, snapshot }) {
    const { requiredAffinity, requiredAntiAffinity, preferredAffinity, preferredAntiAffinity } = pod.affinity;
    const hasOwn = requiredAffinity.length + requiredAntiAffinity.length + preferredAffinity.length + preferredAntiAffinity.length > 0;
    if (!hasOwn && !snapshot.hasDemandingGroups) return undefined;
    const { existingAnti, ownAnti, ownAffinity } = requiredCounts(pod, snapshot);
    // The first pod of a group that wants to be together may go anywhere its topology exists.
    const isFirst = ownAffinity.isEmpty && requiredAffinity.every((term) => means(snapshot, term, pod));
    return {
      filter(node) {
        const together = requiredAffinity.every(
          (term) => node.labels[term.topologyKey] !== undefined && (isFirst || ownAffinity.at(node, term.topologyKey) > 0),
        );
        if (!together) return rejectFinally("node(s) didn't match pod affinity rules");
        if (requiredAntiAffinity.some((term) => ownAnti.at(node, term.topologyKey) > 0)) return reject("node(s) didn't match pod anti-affinity rules");
        return existingAnti.total(node) > 0 ? reject("node(s) didn't satisfy existing pods anti-affinity rules") : FINE;
      },
      score(nodes) {
        const counts = preferredCounts(pod, snapshot);
        const raw = nodes.map((node) => counts.total(node));
        const least = Math.min(...raw);
        const range = Math.max(...raw) - least;
        return raw.map((one) => (range === 0 ? 0 : (100 * (one - least)) / range));
      },
    };
  },
};
