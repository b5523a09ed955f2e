import type { KubeObject } from '../apimachinery/index.ts';
import type { StoredObject } from './store.ts';

/** Freezes a JSON-like value all the way down. What is frozen already is taken to be frozen inside too. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const child of Object.values(value)) freeze(child);
}

/** An object with its revision written into it, frozen. `known` is its serialised form when the caller has it. */
export function stored(key: string, object: KubeObject, revision: number, known?: Buffer): StoredObject {
  const resourceVersion = String(revision);
  const stamped: KubeObject = object.metadata.resourceVersion === resourceVersion ? object : { ...object, metadata: { ...object.metadata, resourceVersion } };
  freeze(stamped);
  let json = known;
  return {
    key,
    revision,
    object: stamped,
    json() {
      json ??= Buffer.from(JSON.stringify(stamped));
      return json;
    },
  };
}
