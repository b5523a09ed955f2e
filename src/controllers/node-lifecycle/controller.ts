import { deepEqual, isNotFound, setCondition } from '../../apimachinery/index.ts';
import { isPodReady, type Lease, lease as leaseKind, type Node, node as nodeKind, podCondition, pod as podKind } from '../../kinds/index.ts';
import { rfc3339 } from '../../std/index.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { onChange, runController } from '../run-controller.ts';
import { isSilent, look, type Sighting, silentAtMs, silentConditions } from './health.ts';
import { BY_NODE, NODE_INDEX } from './node-informers.ts';
import { Standstill } from './standstill.ts';
import { wantedTaints } from './taints.ts';

/** Also signs its events. */
const NAME = 'node-controller';
const LEASES = 'kube-node-lease';
const PERIOD_MS = 5_000;

function start(context: ControllerContext) {
  const { clock } = context;
  const nodes = context.informers.informer(nodeKind);
  const leases = context.informers.informer(leaseKind);
  const pods = context.informers.informer(podKind, BY_NODE);
  const nodeClient = context.client.resource(nodeKind);
  const podClient = context.client.resource(podKind);
  const events = context.events(NAME);
  const sightings = new Map<string, Sighting>();

  /** There from the moment the informers have synced. */
  let standstill: Standstill;

  /** Whoever was silent while nobody listened has time to speak again. */
  function forgive(): void {
    for (const [name, sighting] of sightings) sightings.set(name, { ...sighting, atMs: clock.monotonic() });
  }

  function sight(node: Node): Sighting {
    const name = node.metadata.name ?? '';
    const sighting = look(sightings.get(name), node, leases.get(name, LEASES), clock.monotonic());
    sightings.set(name, sighting);
    return sighting;
  }

  async function judge(node: Node): Promise<Node> {
    const conditions = silentConditions(node, rfc3339(clock.now()));
    if (conditions === node.status?.conditions) return node;
    return nodeClient.updateStatus({ ...node, status: { ...node.status, conditions } });
  }

  async function taint(node: Node): Promise<Node> {
    const taints = wantedTaints(node, rfc3339(clock.now()));
    if (deepEqual(taints, node.spec?.taints ?? [])) return node;
    const { taints: _, ...spec } = node.spec ?? {};
    return nodeClient.update({ ...node, spec: taints.length > 0 ? { ...spec, taints } : spec });
  }

  /** Its kubelet cannot say that they are not ready: out of the services they go. */
  async function markPodsNotReady(node: Node): Promise<void> {
    for (const pod of pods.byIndex(NODE_INDEX, node.metadata.name ?? '')) {
      if (!isPodReady(pod)) continue;
      const { lastTransitionTime: _, ...ready } = podCondition(pod, 'Ready')!;
      const conditions = setCondition(pod.status?.conditions, { ...ready, status: 'False' }, rfc3339(clock.now()));
      try {
        await podClient.updateStatus({ ...pod, status: { ...pod.status, conditions } });
        events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }

  return runController(context, {
    name: NAME,
    workers: 2,
    informers: [nodes, leases, pods],
    watch: (queue) => {
      standstill = new Standstill(clock, forgive);
      return [
        standstill,
        onChange(nodes, (node) => queue.add(node.metadata.name ?? '')),
        onChange(leases, (lease: Lease) => {
          const node = lease.metadata.namespace === LEASES ? nodes.get(lease.metadata.name ?? '') : undefined;
          if (node) sight(node);
        }),
        clock.every(PERIOD_MS, () => {
          for (const node of nodes.list()) queue.add(node.metadata.name ?? '');
        }),
      ];
    },
    reconcile: async (name, queue) => {
      const node = nodes.get(name);
      if (!node) {
        sightings.delete(name);
        return;
      }
      standstill.check();
      const sighting = sight(node);
      const silent = isSilent(sighting, clock.monotonic());
      if (!silent) queue.addAfter(name, silentAtMs(sighting) - clock.monotonic());
      const wasReady = node.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
      const judged = silent ? await judge(node) : node;
      if (silent && wasReady) events.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
      await taint(judged);
      const isReady = judged.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
      if (silent && !isReady) await markPodsNotReady(judged);
    },
  });
}

/** Judges nodes by their leases, and marks what follows: conditions, taints, the readiness of their pods. */
export const nodeLifecycleController: Controller = { name: NAME, start };
