import { type LabelMatcher, labelSelectorMatcher } from '../../apimachinery/index.ts';
import type { Taint, TopologySpreadConstraint } from '../../kinds/index.ts';
import { requiredNodeMatcher } from '../match-node-selector.ts';
import { withOwnLabels } from '../snapshot/affinity-terms.ts';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import { isTolerated } from '../tolerations.ts';
import { FINE, normalisedReverse, reject, rejectFinally, type SchedulerPlugin } from './plugin.ts';

interface Spread {
  readonly constraint: TopologySpreadConstraint;
  /** Matching pods by value of the topology key, among the nodes that count; every such value is there. */
  readonly counts: ReadonlyMap<string, number>;
  /** The pod itself will be counted once it runs. */
  readonly own: number;
}

const keepsOut = (taint: Taint): boolean => taint.effect === 'NoSchedule' || taint.effect === 'NoExecute';

function countingNodes(pod: PodInfo, snapshot: ClusterSnapshot, { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' }: TopologySpreadConstraint) {
  const matches = nodeAffinityPolicy === 'Honor' ? requiredNodeMatcher(pod.pod) : undefined;
  const tolerations = pod.pod.spec?.tolerations;
  const isTainted = (node: NodeInfo) =>
    nodeTaintsPolicy === 'Honor' && (node.node.spec?.taints ?? []).some((one) => keepsOut(one) && !isTolerated(one, tolerations));
  return snapshot.nodes.filter((node) => (matches === undefined || matches(node)) && !isTainted(node));
}

function spreadOf(pod: PodInfo, snapshot: ClusterSnapshot, constraint: TopologySpreadConstraint, keys: readonly string[]): Spread {
  const matcher: LabelMatcher = labelSelectorMatcher(withOwnLabels(constraint.labelSelector, pod.labels, constraint.matchLabelKeys));
  const counts = new Map<string, number>();
  const domainOf = new Map<string, string>();
  for (const node of countingNodes(pod, snapshot, constraint)) {
    // A node without one of the keys is in no domain of this pod.
    if (keys.some((key) => node.labels[key] === undefined)) continue;
    const value = node.labels[constraint.topologyKey] as string;
    domainOf.set(node.name, value);
    counts.set(value, counts.get(value) ?? 0);
  }
  for (const group of snapshot.groups) {
    if (group.isTerminating || group.namespace !== pod.namespace || !matcher.matches(group.labels)) continue;
    for (const [name, count] of group.countByNode) {
      const value = domainOf.get(name);
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + count);
    }
  }
  return { constraint, counts, own: matcher.matches(pod.labels) ? 1 : 0 };
}

function leastOf({ constraint, counts }: Spread): number {
  if (counts.size < (constraint.minDomains ?? 1)) return 0;
  let least = Number.POSITIVE_INFINITY;
  for (const count of counts.values()) least = Math.min(least, count);
  return least === Number.POSITIVE_INFINITY ? 0 : least;
}

/** Spreads pods over zones, nodes or any other topology. */
export const podTopologySpread: SchedulerPlugin = {
  name: 'PodTopologySpread',
  weight: 2,
  prepare({ pod, snapshot }) {
    const constraints = pod.pod.spec?.topologySpreadConstraints ?? [];
    if (constraints.length === 0) return undefined;
    const of = (whenUnsatisfiable: string): readonly Spread[] => {
      const chosen = constraints.filter((one) => one.whenUnsatisfiable === whenUnsatisfiable);
      const keys = chosen.map((one) => one.topologyKey);
      return chosen.map((one) => spreadOf(pod, snapshot, one, keys));
    };
    const hard = of('DoNotSchedule').map((spread) => ({ ...spread, least: leastOf(spread) }));
    return {
      filter(node) {
        for (const { constraint, counts, own, least } of hard) {
          const value = node.labels[constraint.topologyKey];
          if (value === undefined) return rejectFinally("node(s) didn't match pod topology spread constraints (missing required label)");
          if ((counts.get(value) ?? 0) + own - least > constraint.maxSkew) return reject("node(s) didn't match pod topology spread constraints");
        }
        return FINE;
      },
      score(nodes) {
        const soft = of('ScheduleAnyway');
        return soft.length === 0
          ? nodes.map(() => 0)
          : normalisedReverse(
              nodes.map((node) => soft.reduce((sum, { constraint, counts }) => sum + (counts.get(node.labels[constraint.topologyKey] ?? '') ?? 0), 0)),
            );
      },
    };
  },
};
