import { badRequest, conflict, type KubeObject, setCondition } from '../../apimachinery/index.ts';
import type { Binding, Pod } from '../../kinds/index.ts';
import { rfc3339 } from '../../std/index.ts';
import { trackerFor } from '../registry/field-ownership.ts';
import { updateObject } from '../registry/update-object.ts';
import { writeOptionsOf } from '../registry/write-options.ts';
import { objectAnswer } from '../request/answer.ts';
import { readObject } from '../request/body.ts';
import type { VerbHandler } from '../verbs/handler.ts';

const BINDING = { group: '', version: 'v1', kind: 'Binding', schema: 'io.k8s.api.core.v1.Binding' };

/** Gives a pod its node, once and for all: what a scheduler does. */
export const binding: VerbHandler = async ({ registry }, call) => {
  const { resource, info } = call;
  const body = (await readObject(call, BINDING, registry.definitions)) as KubeObject & Partial<Binding>;
  const { target } = body;
  const node = target?.name ?? '';
  if (node === '') throw badRequest('Binding "" is invalid: target.name: Required value');
  if (target?.kind && target.kind !== 'Node')
    throw badRequest(`Binding "" is invalid: target.kind: Unsupported value: "${target.kind}": supported values: "Node", "<empty>"`);
  const name = info.name || (body.metadata.name ?? '');
  const options = writeOptionsOf(call);
  await updateObject(registry, resource, {
    ...options,
    namespace: info.namespace,
    name,
    subresource: 'binding',
    warn: call.warn,
    change: (live) => bound(live as Pod, body, node, rfc3339(registry.clock.now()), (why) => conflict({ group: '', resource: 'pods/binding' }, name, why)),
    track: trackerFor(registry, resource, options.manager, 'binding'),
  });
  return objectAnswer(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
};

function bound(pod: Pod, { metadata }: KubeObject, node: string, now: string, refuse: (why: string) => Error): Pod {
  const { name, uid, deletionTimestamp } = pod.metadata;
  if (metadata.uid && metadata.uid !== uid) throw refuse(`Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`);
  if (deletionTimestamp !== undefined) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec?.nodeName) throw refuse(`pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  if (!pod.spec) throw refuse(`pod ${name} has no spec`);
  const { resourceVersion: _, ...kept } = pod.metadata;
  const conditions = setCondition(pod.status?.conditions, { type: 'PodScheduled', status: 'True' }, now);
  return {
    ...pod,
    metadata: { ...kept, ...(metadata.annotations ? { annotations: { ...kept.annotations, ...metadata.annotations } } : {}) },
    spec: { ...pod.spec, nodeName: node },
    status: { ...pod.status, conditions },
  };
}
