import type { KubeObject } from '../../apimachinery/index.ts';
import type { AnyKind } from '../../kinds/index.ts';

/** A write that is about to happen. */
export interface AdmissionRequest {
  readonly operation: 'create' | 'update' | 'delete';
  readonly kind: AnyKind;
  readonly namespace: string;
  readonly subresource: string;
  /** As it would be stored; for a deletion as it is. */
  readonly object: KubeObject;
  /** As it is stored; undefined for a creation. */
  readonly old: KubeObject | undefined;
  readonly dryRun: boolean;
}

/** What a plugin made of a write. */
export interface Admitted {
  readonly object: KubeObject;
  /** Called once when the write does not happen after all: gives back what was reserved. */
  readonly undo?: () => void;
  /** Called once after the write is durable. */
  readonly done?: () => void;
}

/** Looks at a write before it is stored: refuses it by throwing a StatusError, or returns it, changed or not. Synchronous, so that nothing comes between. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Before validation; left out when it has nothing to say. */
  admit(request: AdmissionRequest): Admitted;
}

/** Runs all plugins in order; `undo` and `done` reach all of them. */
export function admit(plugins: readonly AdmissionPlugin[], request: AdmissionRequest): Required<Admitted> {
  const all: Admitted[] = [];
  let object = request.object;
  const undo = () => {
    for (const one of all.splice(0).reverse()) one.undo?.();
  };
  const done = () => {
    for (const one of all.splice(0)) one.done?.();
  };
  try {
    for (const plugin of plugins) {
      const admitted = plugin.admit({ ...request, object });
      object = admitted.object;
      if (admitted.undo || admitted.done) all.push(admitted);
    }
  } catch (error) {
    undo();
    throw error;
  }
  return { object, undo, done };
}
