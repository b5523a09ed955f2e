import { isNotFound, keyOf, setCondition, splitKey } from '../../apimachinery/index.ts';
import { type Node, node as nodeKind, type Pod, type PodCondition, pod as podKind, type Taint } from '../../kinds/index.ts';
import { rfc3339 } from '../../std/index.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { onChange, runController } from '../run-controller.ts';
import { evictionAtMs } from './eviction.ts';
import { GRACE_MS } from './health.ts';
import { BY_NODE, NODE_INDEX } from './node-informers.ts';
import { Standstill } from './standstill.ts';
import { NOT_READY, UNREACHABLE } from './taints.ts';

/** Also signs its events. */
const NAME = 'taint-eviction-controller';

const noExecute = (node: Node | undefined): readonly Taint[] => (node?.spec?.taints ?? []).filter((taint) => taint.effect === 'NoExecute');

const taintId = (nodeName: string | undefined, taint: Taint): string => `${nodeName} ${taint.key} ${taint.value ?? ''}`;

const DISRUPTED: PodCondition = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
};

function start(context: ControllerContext) {
  const { clock } = context;
  const nodes = context.informers.informer(nodeKind);
  const pods = context.informers.informer(podKind, BY_NODE);
  const client = context.client.resource(podKind);
  const events = context.events(NAME);
  let awakeSinceMs = clock.now();
  /** There from the moment the informers have synced. */
  let standstill: Standstill;
  /** Pods whose eviction is announced. */
  const announced = new Set<string>();

  /** When taints that do not say so were first seen, by node and taint. */
  const firstSeen = new Map<string, number>();

  function noteTaints(node: Node): void {
    for (const taint of noExecute(node)) {
      const id = taintId(node.metadata.name, taint);
      if (taint.timeAdded === undefined && !firstSeen.has(id)) firstSeen.set(id, clock.now());
    }
    const present = new Set(noExecute(node).map((taint) => taintId(node.metadata.name, taint)));
    for (const id of firstSeen.keys()) if (id.startsWith(`${node.metadata.name} `) && !present.has(id)) firstSeen.delete(id);
  }

  /** A node's own silence counts from the end of the grace after our start or waking: until then nobody has had the time to speak. */
  function sinceMs(nodeName: string | undefined, taint: Taint): number {
    if (taint.key === NOT_READY || taint.key === UNREACHABLE) return awakeSinceMs + GRACE_MS;
    return firstSeen.get(taintId(nodeName, taint)) ?? awakeSinceMs;
  }

  async function evict(pod: Pod): Promise<void> {
    const { name = '', namespace, uid } = pod.metadata;
    events.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${namespace}/${name}`);
    try {
      const conditions = setCondition(pod.status?.conditions, DISRUPTED, rfc3339(clock.now()));
      if (conditions !== pod.status?.conditions) await client.updateStatus({ ...pod, status: { ...pod.status, conditions } });
      await client.delete(name, namespace, uid ? { preconditions: { uid } } : {});
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  return runController(context, {
    name: NAME,
    workers: 5,
    informers: [nodes, pods],
    watch: (queue) => {
      standstill = new Standstill(clock, () => {
        awakeSinceMs = clock.now();
      });
      return [
        standstill,
        onChange(nodes, (node, old) => {
          noteTaints(node);
          if (noExecute(node).length === 0 && noExecute(old).length === 0) return;
          for (const pod of pods.byIndex(NODE_INDEX, node.metadata.name ?? '')) queue.add(keyOf(pod));
        }),
        onChange(pods, (pod, old) => {
          const bound = pod.spec?.nodeName ?? '';
          if (bound !== '' && old?.spec?.nodeName !== bound && noExecute(nodes.get(bound)).length > 0) queue.add(keyOf(pod));
        }),
      ];
    },
    reconcile: async (key, queue) => {
      standstill.check();
      const { name, namespace } = splitKey(key);
      const pod = pods.get(name, namespace);
      const taints = noExecute(nodes.get(pod?.spec?.nodeName ?? ''));
      const at = pod && evictionAtMs({ pod, taints, sinceMs: (taint) => sinceMs(pod.spec?.nodeName, taint) });
      if (!pod || at === undefined) {
        if (announced.delete(key) && pod && pod.metadata.deletionTimestamp === undefined)
          events.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
        return;
      }
      const restMs = at - clock.now();
      if (restMs > 0) {
        announced.add(key);
        queue.addAfter(key, restMs);
        return;
      }
      announced.delete(key);
      await evict(pod);
    },
  });
}

/** Deletes pods from nodes whose taints they do not bear, when their time there is over. */
export const taintEvictionController: Controller = { name: NAME, start };
