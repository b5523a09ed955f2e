import type { Rejection } from './plugins/plugin.ts';

/** How many nodes gave each reason, as Kubernetes lists them. */
function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}

const available = (nodes: number, reasons: readonly string[]): string => `0/${nodes} nodes are available: ${histogram(reasons)}.`;

/**
 * Kubernetes' FailedScheduling text. No pod is ever evicted for another one (there are no priority classes), so its second half says of each node
 * whether that could have helped at all.
 */
export function fitMessage(rejections: readonly (readonly Rejection[])[], preemptionPolicy: string | undefined): string {
  const count = rejections.length;
  if (count === 0) return 'no nodes available to schedule pods';
  const first = available(
    count,
    rejections.flatMap((one) => one.map(({ reason }) => reason)),
  );
  if (preemptionPolicy === 'Never') return `${first} preemption: not eligible due to preemptionPolicy=Never.`;
  const second = rejections.map((one) =>
    one.some(({ isFinal }) => isFinal) ? 'Preemption is not helpful for scheduling' : 'No preemption victims found for incoming pod',
  );
  return `${first} preemption: ${available(count, second)}`;
}
