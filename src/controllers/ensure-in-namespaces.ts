import { isAlreadyExists, isBeingDeleted, isNotFound, type KubeObject } from '../apimachinery/index.ts';
import { type KindDefinition, namespace as namespaceKind } from '../kinds/index.ts';
import type { Closable } from '../std/index.ts';
import type { ControllerContext } from './contract.ts';
import { isNamespaceEnding } from './failures.ts';
import { onChange, runController } from './run-controller.ts';

interface Ensured<T extends KubeObject> {
  readonly name: string;
  readonly kind: KindDefinition<T>;
  readonly objectName: string;
  /** The object as it should be in that namespace; the same object when it is fine as it is. */
  readonly wanted: (namespace: string, current: T | undefined) => T;
}

/** Keeps one object of a fixed name in every namespace that is not on its way out. */
export function ensureInNamespaces<T extends KubeObject>(context: ControllerContext, ensured: Ensured<T>): Closable {
  const namespaces = context.informers.informer(namespaceKind);
  const objects = context.informers.informer(ensured.kind);
  const client = context.client.resource(ensured.kind);
  return runController(context, {
    name: ensured.name,
    workers: 5,
    informers: [namespaces, objects],
    watch: (queue) => [
      onChange(namespaces, (namespace) => queue.add(namespace.metadata.name ?? '')),
      onChange(objects, (object) => {
        if (object.metadata.name === ensured.objectName) queue.add(object.metadata.namespace ?? '');
      }),
    ],
    reconcile: async (name) => {
      const namespace = namespaces.get(name);
      if (!namespace || isBeingDeleted(namespace)) return;
      const current = objects.get(ensured.objectName, name);
      const wanted = ensured.wanted(name, current);
      if (wanted === current) return;
      try {
        if (current) await client.update(wanted);
        else await client.create(wanted);
      } catch (error) {
        if (isAlreadyExists(error) || isNamespaceEnding(error) || isNotFound(error)) return;
        throw error;
      }
    },
  });
}
