import type { Node, NodeCondition } from '../kinds/index.ts';
import type { OvercommitPolicy } from './plugins/plugin.ts';
import type { NodeInfo } from './snapshot/node-info.ts';

/** An annotation on a Node; its value takes the place of the scheduler's own policy for that node. */
const OVERCOMMIT_ANNOTATION = 'drover.dev/overcommit';

/** The policy that is in force on a node. */
export function overcommitOf(node: Node, fallback: OvercommitPolicy): OvercommitPolicy {
  const own = node.metadata.annotations?.[OVERCOMMIT_ANNOTATION];
  return own === 'strict' || own === 'warn' ? own : fallback;
}

const isOver = (node: NodeInfo): boolean => node.requested('cpu') > node.allocatable('cpu') && node.allocatable('cpu') > 0;

/** What is said on a pod that was placed on a node whose CPU is promised more than once; undefined when it is not. */
export function overcommitWarning(node: NodeInfo, podCpuMilli: number): string | undefined {
  if (podCpuMilli === 0 || !isOver(node)) return undefined;
  return `Pods on ${node.name} now request ${node.requested('cpu')}m of ${node.allocatable('cpu')}m CPU: under load each gets less than it asks for. Memory is not overcommitted.`;
}

/** The Overcommitted condition that the node should have; undefined when it has it already, or never was and is not overcommitted. */
export function overcommitCondition(node: NodeInfo, now: string): NodeCondition | undefined {
  const old = node.node.status?.conditions?.find((one) => one.type === 'Overcommitted');
  const status = isOver(node) ? 'True' : 'False';
  if ((old === undefined && status === 'False') || old?.status === status) return undefined;
  const message = isOver(node)
    ? `CPU requests exceed what is allocatable (${node.allocatable('cpu')}m); drover.dev/overcommit=strict on the node makes pods wait instead`
    : 'CPU requests fit into what is allocatable';
  return {
    type: 'Overcommitted',
    status,
    reason: isOver(node) ? 'CPURequestsExceedAllocatable' : 'CPURequestsFit',
    message,
    lastTransitionTime: now,
    lastHeartbeatTime: now,
  };
}
