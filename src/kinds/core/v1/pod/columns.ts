import type { Column } from '../../../define-kind.ts';
import type { Pod } from '../../../schema/types.ts';
import { ageColumn, nameColumn, orNone } from '../../../table/columns.ts';
import { podSummary } from './status-text.ts';

function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const conditions = pod.status?.conditions ?? [];
  const met = gates.filter((gate) => conditions.some((condition) => condition.type === gate.conditionType && condition.status === 'True'));
  return `${met.length}/${gates.length}`;
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  { name: 'Ready', description: 'Containers that are ready, of all.', cell: (pod, nowMs) => podSummary(pod, nowMs).ready },
  { name: 'Status', description: 'What the pod is doing, from its phase and its containers.', cell: (pod, nowMs) => podSummary(pod, nowMs).status },
  { name: 'Restarts', description: 'How often its containers were restarted, and when last.', cell: (pod, nowMs) => podSummary(pod, nowMs).restarts },
  ageColumn,
  { name: 'IP', priority: 1, description: 'Its address.', cell: (pod) => orNone(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP) },
  { name: 'Node', priority: 1, description: 'The node that it is bound to.', cell: (pod) => orNone(pod.spec?.nodeName) },
  { name: 'Nominated Node', priority: 1, description: 'The node where room is being made for it.', cell: (pod) => orNone(pod.status?.nominatedNodeName) },
  { name: 'Readiness Gates', priority: 1, description: 'Readiness gates that are met, of all.', cell: readinessGates },
];
