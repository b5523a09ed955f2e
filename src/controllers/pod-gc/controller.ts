import { isNotFound, setCondition } from '../../apimachinery/index.ts';
import { isPodTerminal, node as nodeKind, type Pod, type PodCondition, pod as podKind } from '../../kinds/index.ts';
import { rfc3339 } from '../../std/index.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { runController } from '../run-controller.ts';
import { missingNodes, OUT_OF_SERVICE, type Removal, removals } from './reconcile.ts';

const NAME = 'pod-garbage-collector-controller';
const PERIOD_MS = 20_000;
const DEFAULT_THRESHOLD = 12_500;
/** There is one thing to look at: everything. */
const ALL = 'all';

function start(context: ControllerContext) {
  const pods = context.informers.informer(podKind);
  const nodes = context.informers.informer(nodeKind);
  const client = context.client.resource(podKind);
  const nodeClient = context.client.resource(nodeKind);
  const goneSince = new Map<string, number>();

  const nodeState = (name: string): 'there' | 'out-of-service' | 'gone' => {
    const node = nodes.get(name);
    if (!node) return 'gone';
    return node.spec?.taints?.some((taint) => taint.key === OUT_OF_SERVICE) ? 'out-of-service' : 'there';
  };

  /** A cache that is late must not cost anybody a pod. */
  async function isGone(name: string): Promise<boolean> {
    try {
      await nodeClient.get(name);
      return false;
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
  }

  /** A pod that did not end by itself is said to have failed before it is removed, so that its owner and its readers know. */
  async function remove({ pod, why }: Removal): Promise<void> {
    const { name = '', namespace, uid } = pod.metadata;
    if (why === 'orphaned' && !(await isGone(pod.spec?.nodeName ?? ''))) return;
    try {
      if (why !== 'terminated' && !isPodTerminal(pod)) await client.updateStatus(failed(pod, why, context.clock.now()));
      await client.delete(name, namespace, { gracePeriodSeconds: 0, ...(uid ? { preconditions: { uid } } : {}) });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  return runController(context, {
    name: NAME,
    workers: 1,
    informers: [pods, nodes],
    watch: (queue) => {
      queue.add(ALL);
      return [context.clock.every(PERIOD_MS, () => queue.add(ALL))];
    },
    reconcile: async (_key, queue) => {
      const now = context.clock.monotonic();
      const all = pods.list();
      const missing = missingNodes({ pods: all, node: nodeState });
      for (const name of goneSince.keys()) if (!missing.has(name)) goneSince.delete(name);
      for (const name of missing) {
        if (goneSince.has(name)) continue;
        goneSince.set(name, now);
        queue.addAfter(ALL, PERIOD_MS * 2);
      }
      const terminatedThreshold = context.terminatedPodThreshold ?? DEFAULT_THRESHOLD;
      const seen = { pods: all, node: nodeState, goneSinceMs: (name: string) => goneSince.get(name), terminatedThreshold };
      let failure: unknown;
      for (const removal of removals(seen, now)) {
        try {
          await remove(removal);
        } catch (error) {
          failure ??= error;
        }
      }
      if (failure !== undefined) throw failure;
    },
  });
}

function failed(pod: Pod, why: Exclude<Removal['why'], 'terminated'>, nowMs: number): Pod {
  const now = rfc3339(nowMs);
  const disrupted: PodCondition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' };
  const conditions = why === 'orphaned' ? setCondition(pod.status?.conditions, disrupted, now) : pod.status?.conditions;
  return { ...pod, status: { ...pod.status, phase: 'Failed', ...(conditions ? { conditions } : {}) } };
}

/** Removes pods that nobody else will: those of nodes that are gone, and the oldest of too many ended ones. */
export const podGarbageCollector: Controller = { name: NAME, start };
