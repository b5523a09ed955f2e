import {
  createThreeWayMergePatch,
  createThreeWayStrategicPatch,
  isAlreadyExists,
  isConflict,
  isMap,
  isNotFound,
  type JsonMap,
  type KubeObject,
} from '../../apimachinery/index.ts';
import type { ApiClient, WriteQuery } from '../../client/index.ts';
import { definitions, kindByGVK } from '../../kinds/index.ts';
import { CliError } from '../errors.ts';
import type { Resource } from './discovery.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export interface ApplyOptions {
  readonly mode: 'three-way' | 'server-side';
  readonly force: boolean;
  readonly write: WriteQuery;
}

export interface Applied {
  readonly outcome: 'created' | 'configured' | 'unchanged' | 'serverside-applied';
  readonly object: KubeObject;
}

/** The manifest as it is remembered on the object: itself as JSON, without that note. */
function withLastApplied(object: KubeObject): JsonMap {
  const { [LAST_APPLIED]: _old, ...annotations } = object.metadata.annotations ?? {};
  const plain = { ...object, metadata: { ...object.metadata, annotations } };
  return { ...plain, metadata: { ...plain.metadata, annotations: { ...annotations, [LAST_APPLIED]: `${JSON.stringify(plain)}\n` } } };
}

function lastApplied(live: KubeObject): JsonMap {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  if (text === undefined) return {};
  let last: unknown;
  try {
    last = JSON.parse(text);
  } catch (cause) {
    throw new CliError(`the annotation ${LAST_APPLIED} of ${live.kind} "${live.metadata.name}" is not JSON; remove it, or apply with --server-side`, { cause });
  }
  return isMap(last) ? last : {};
}

/** Brings one object to what its manifest says, as kubectl apply does. Fields that others set stay. */
export async function applyObject(client: ApiClient, resource: Resource, object: KubeObject, options: ApplyOptions): Promise<Applied> {
  const resources = client.dynamic(resource);
  const { name = '', namespace } = object.metadata;
  if (options.mode === 'server-side') {
    const applied = await resources.patch(name, namespace, object, { ...options.write, type: 'apply', force: options.force });
    return { outcome: 'serverside-applied', object: applied };
  }
  for (let round = 1; ; round++) {
    let live: KubeObject;
    try {
      live = await resources.get(name, namespace, options.write.signal ? { signal: options.write.signal } : {});
    } catch (error) {
      if (!isNotFound(error)) throw error;
      try {
        return { outcome: 'created', object: await resources.create(withLastApplied(object) as unknown as KubeObject, options.write) };
      } catch (raced) {
        if (!isAlreadyExists(raced) || round >= 5) throw raced;
        continue;
      }
    }
    const patch = await threeWay(resource, lastApplied(live), live, withLastApplied(object));
    if (!patch) return { outcome: 'unchanged', object: live };
    try {
      const patched = await resources.patch(name, namespace, patch.patch, { ...options.write, type: patch.type });
      const changed = patched.metadata.resourceVersion !== live.metadata.resourceVersion;
      return { outcome: changed ? 'configured' : 'unchanged', object: patched };
    } catch (error) {
      if (!isConflict(error) || round >= 5) throw error;
    }
  }
}

async function threeWay(
  resource: Resource,
  last: JsonMap,
  live: KubeObject,
  desired: JsonMap,
): Promise<{ readonly patch: JsonMap; readonly type: 'strategic' | 'merge' } | undefined> {
  const current = live as unknown as JsonMap;
  const schema = kindByGVK(resource.group, resource.version, resource.kind)?.schema;
  const patch =
    schema === undefined ? createThreeWayMergePatch(last, current, desired) : createThreeWayStrategicPatch(await definitions(), schema, last, current, desired);
  return patch && { patch, type: schema === undefined ? 'merge' : 'strategic' };
}
