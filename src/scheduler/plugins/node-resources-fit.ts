import { overcommitOf } from '../overcommit.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import { FINE, type Rejection, reject, type SchedulerPlugin } from './plugin.ts';

/** What a pod that asks for nothing is taken to use, so that such pods spread as well. */
const ASSUMED = { cpu: 100, memory: 200 * 1024 * 1024 };

function freeShare(node: NodeInfo, resource: 'cpu' | 'memory', asked: number): number {
  const allocatable = node.allocatable(resource);
  if (allocatable === 0) return 0;
  return Math.max(0, (allocatable - node.requested(resource) - asked) / allocatable);
}

/** Requests must fit into what the node has left; among nodes the emptier one is better. */
export const nodeResourcesFit: SchedulerPlugin = {
  name: 'NodeResourcesFit',
  prepare({ pod, overcommit }) {
    const { requests } = pod;
    const asked = Object.keys(requests).filter((resource) => (requests[resource] ?? 0) > 0);
    return {
      filter(node) {
        const found: Rejection[] = [];
        if (node.podCount + 1 > node.allocatable('pods')) found.push(...reject('Too many pods'));
        for (const resource of asked) {
          const isShared = resource === 'cpu' && overcommitOf(node.node, overcommit) === 'warn';
          const left = node.allocatable(resource) - (isShared ? 0 : node.requested(resource));
          if ((requests[resource] ?? 0) > left) found.push(...reject(`Insufficient ${resource}`));
        }
        return found.length === 0 ? FINE : found;
      },
      score: (nodes) =>
        nodes.map(
          (node) => (100 * (freeShare(node, 'cpu', requests['cpu'] ?? ASSUMED.cpu) + freeShare(node, 'memory', requests['memory'] ?? ASSUMED.memory))) / 2,
        ),
    };
  },
};

/** Prefers nodes on which CPU and memory are used to the same degree. */
export const nodeResourcesBalancedAllocation: SchedulerPlugin = {
  name: 'NodeResourcesBalancedAllocation',
  prepare({ pod: { requests } }) {
    return {
      score: (nodes) =>
        nodes.map((node) => {
          const cpu = freeShare(node, 'cpu', requests['cpu'] ?? ASSUMED.cpu);
          const memory = freeShare(node, 'memory', requests['memory'] ?? ASSUMED.memory);
          return 100 * (1 - Math.abs(cpu - memory) / 2);
        }),
    };
  },
};
