import { isMap, type KubeObject } from '../../apimachinery/index.ts';

/** The value at a path such as .spec.replicas; undefined where it ends early. */
export function valueAt(object: KubeObject, path: string): unknown {
  let at: unknown = object;
  for (const part of parts(path)) at = isMap(at) ? at[part] : undefined;
  return at;
}

/** The object with another value at a path; what is not on the way is shared. */
export function withValueAt(object: KubeObject, path: string, value: unknown): KubeObject {
  const set = (at: unknown, rest: readonly string[]): unknown => {
    const [first, ...more] = rest;
    return first === undefined ? value : { ...(isMap(at) ? at : {}), [first]: set(isMap(at) ? at[first] : undefined, more) };
  };
  return set(object, parts(path)) as KubeObject;
}

const parts = (path: string): readonly string[] => path.split('.').filter((part) => part !== '');
