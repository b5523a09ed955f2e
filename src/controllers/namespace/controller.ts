import { deepEqual, isNotFound, type KubeObject } from '../../apimachinery/index.ts';
import { type AnyKind, namespace as namespaceKind, pod as podKind } from '../../kinds/index.ts';
import { errorText } from '../../std/index.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { onChange, runController } from '../run-controller.ts';
import { type Emptying, finalized, isEmpty, isToEmpty, type Remaining, terminatingStatus } from './reconcile.ts';

const NAME = 'namespace-controller';
/** What waits for processes to end or for others' finalizers is looked at again after so long; a quarter of it at first. */
const LOOK_AGAIN_MS = 2_000;
/** Objects looked at to tell how many remain and why. */
const PAGE = 500;

const resourceName = (kind: AnyKind): string => (kind.group ? `${kind.plural}.${kind.group}` : kind.plural);

const isContent = (kind: AnyKind): boolean => kind.namespaced && kind.storedAs === undefined && kind.verbs.includes('list') && kind.verbs.includes('delete');

function countFinalizers(items: readonly KubeObject[]): { readonly [finalizer: string]: number } {
  const counts: { [finalizer: string]: number } = {};
  for (const item of items) for (const finalizer of item.metadata.finalizers ?? []) counts[finalizer] = (counts[finalizer] ?? 0) + 1;
  return counts;
}

function start(context: ControllerContext) {
  const informer = context.informers.informer(namespaceKind);
  const pods = context.informers.informer(podKind);
  const namespaces = context.client.resource(namespaceKind);
  const content = context.kinds.filter(isContent);

  async function empty(kind: AnyKind, namespace: string, signal: AbortSignal): Promise<Remaining> {
    const objects = context.client.dynamic(kind);
    const look = () => objects.list({ namespace, limit: PAGE, signal });
    const before = await look();
    if (before.items.length > 0) {
      if (kind.verbs.includes('deletecollection')) await objects.deleteCollection({ namespace, propagationPolicy: 'Background', signal });
      else for (const item of before.items) await objects.delete(item.metadata.name ?? '', namespace, { propagationPolicy: 'Background', signal });
    }
    const after = before.items.length > 0 ? await look() : before;
    return {
      resource: resourceName(kind),
      count: after.items.length + (after.metadata.remainingItemCount ?? 0),
      finalizers: countFinalizers(after.items),
    };
  }

  /** Pods first: what they read while they shut down (ConfigMaps, Secrets, Services) is there until they are gone. */
  async function emptyAll(namespace: string, signal: AbortSignal): Promise<Emptying> {
    const emptying = { remaining: [] as Remaining[], failures: [] as string[] };
    const run = async (kind: AnyKind): Promise<void> => {
      try {
        emptying.remaining.push(await empty(kind, namespace, signal));
      } catch (error) {
        if (!isNotFound(error)) emptying.failures.push(`${resourceName(kind)}: ${errorText(error)}`);
      }
    };
    const isPods = (kind: AnyKind): boolean => kind.group === '' && kind.plural === 'pods';
    await Promise.all(content.filter(isPods).map(run));
    if (isEmpty(emptying)) await Promise.all(content.filter((kind) => !isPods(kind)).map(run));
    return emptying;
  }

  return runController(context, {
    name: NAME,
    workers: 5,
    informers: [informer, pods],
    watch: (queue) => [
      onChange(informer, (namespace) => queue.add(namespace.metadata.name ?? '')),
      // Most of the waiting is for pods to end: the last of them is worth a look at once.
      pods.subscribe({
        deleted: ({ metadata: { namespace = '' } }) => {
          if (isToEmpty(informer.get(namespace)) && pods.list(namespace).length === 0) queue.add(namespace);
        },
      }),
    ],
    reconcile: async (name, queue, signal) => {
      const cached = informer.get(name);
      if (!isToEmpty(cached)) return;
      const namespace = await namespaces.get(name);
      if (!isToEmpty(namespace)) return;
      const emptying = await emptyAll(name, signal);
      const status = terminatingStatus(namespace, emptying, context.clock.now());
      const told = deepEqual(status, namespace.status) ? namespace : await namespaces.updateStatus({ ...namespace, status });
      if (isEmpty(emptying)) await namespaces.updateSubresource(finalized(told), 'finalize');
      else if (emptying.failures.length > 0) throw new Error(emptying.failures.join('; '));
      else queue.addAfter(name, deepEqual(status, namespace.status) ? LOOK_AGAIN_MS : LOOK_AGAIN_MS / 4);
    },
  });
}

/** Empties namespaces that are being deleted, and lets them go when nothing is left. */
export const namespaceController: Controller = { name: NAME, start };
