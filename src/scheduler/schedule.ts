import { fitMessage } from './fit-message.ts';
import { PLUGINS } from './plugins/index.ts';
import type { OvercommitPolicy, PodRules, Rejection, SchedulerPlugin } from './plugins/plugin.ts';
import type { ClusterSnapshot } from './snapshot/cluster-snapshot.ts';
import type { NodeInfo } from './snapshot/node-info.ts';
import type { PodInfo } from './snapshot/pod-info.ts';

/** Where a pod goes, or why it goes nowhere (in Kubernetes' words). */
export type Decision = { readonly type: 'node'; readonly node: NodeInfo } | { readonly type: 'unschedulable'; readonly message: string };

interface Prepared {
  readonly plugin: SchedulerPlugin;
  readonly rules: PodRules;
}

/** The reasons of the first plugin that rejects the node. */
function rejectionsOf(prepared: readonly Prepared[], node: NodeInfo): readonly Rejection[] {
  for (const { rules } of prepared) {
    const found = rules.filter?.(node);
    if (found && found.length > 0) return found;
  }
  return [];
}

function best(prepared: readonly Prepared[], nodes: readonly NodeInfo[]): NodeInfo | undefined {
  if (nodes.length <= 1) return nodes[0];
  const totals = nodes.map(() => 0);
  for (const { plugin, rules } of prepared) {
    const scores = rules.score?.(nodes);
    scores?.forEach((score, index) => {
      totals[index] = (totals[index] ?? 0) + score * (plugin.weight ?? 1);
    });
  }
  let winner = 0;
  for (let index = 1; index < nodes.length; index++) {
    const [ours, theirs] = [totals[index] ?? 0, totals[winner] ?? 0];
    if (ours > theirs || (ours === theirs && (nodes[index]?.podCount ?? 0) < (nodes[winner]?.podCount ?? 0))) winner = index;
  }
  return nodes[winner];
}

/** Decides where a pod goes: filters, then scores; ties go to the node with fewer pods, then the first by name. Pure. */
export function schedule(pod: PodInfo, snapshot: ClusterSnapshot, overcommit: OvercommitPolicy, plugins: readonly SchedulerPlugin[] = PLUGINS): Decision {
  const context = { pod, snapshot, overcommit };
  const prepared = plugins.flatMap((plugin) => {
    const rules = plugin.prepare(context);
    return rules ? [{ plugin, rules }] : [];
  });
  const { nodes } = snapshot;
  const rejections = nodes.map((node) => rejectionsOf(prepared, node));
  const node = best(
    prepared,
    nodes.filter((_, index) => rejections[index]?.length === 0),
  );
  return node ? { type: 'node', node } : { type: 'unschedulable', message: fitMessage(rejections, pod.pod.spec?.preemptionPolicy) };
}
