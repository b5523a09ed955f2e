import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  badRequest,
  type FieldError,
  fieldInvalid,
  formatLabelSelector,
  invalid,
  type KubeObject,
  type LabelSelector,
  staleObject,
  unknownResource,
} from '../../apimachinery/index.ts';
import { ageColumn, type Column, nameColumn, type ScalePaths } from '../../kinds/index.ts';
import { trackerFor } from '../registry/field-ownership.ts';
import type { Resource } from '../registry/resource.ts';
import { updateObject } from '../registry/update-object.ts';
import { writeOptionsOf } from '../registry/write-options.ts';
import { viewed, viewOf } from '../representation/represent.ts';
import type { Columns } from '../representation/table.ts';
import { negotiate } from '../request/accept.ts';
import { objectAnswer } from '../request/answer.ts';
import { checkObject, fieldValidationOf, readObject, readValue } from '../request/body.ts';
import type { HandlerContext, ResourceCall, VerbHandler } from '../verbs/handler.ts';
import { patchMediaOf } from '../verbs/patch.ts';
import { valueAt, withValueAt } from './paths.ts';

interface Scale extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas: number };
}

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale', schema: 'io.k8s.api.autoscaling.v1.Scale' };

/** How many replicas there are and should be, for every kind with scale paths. */
export const scale: VerbHandler = async (context, call) => {
  const { resource, info } = call;
  const paths = resource.kind.scalePaths;
  if (!paths) throw unknownResource();
  if (info.verb === 'get') {
    const view = viewOf(call.query, negotiate(call.headers['accept']), context.registry.clock.now());
    return objectAnswer(200, viewed(SCALE_TABLE, scaleOf(resource.require(info.namespace, info.name).object, paths), view));
  }
  const wanted = info.verb === 'patch' ? await patchedScale(context, call, paths) : await putScale(context, call);
  return objectAnswer(200, await write(context, call, paths, wanted));
};

const count = (name: string, description: string, of: (scale: Scale) => number | undefined): Column<KubeObject> => ({
  name,
  type: 'integer',
  description,
  cell: (object) => of(object) ?? 0,
});

const SCALE_TABLE: Columns = {
  columns: [
    nameColumn,
    count('Desired', 'Replicas that should run.', (scale) => scale.spec?.replicas),
    count('Available', 'Replicas that were seen.', (scale) => scale.status?.replicas),
    ageColumn,
  ],
};

/** The scale of an object. */
function scaleOf(object: KubeObject, paths: ScalePaths): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = valueAt(object, paths.specReplicas);
  const selector = valueAt(object, paths.selector) as LabelSelector | undefined;
  const scale = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      ...(name ? { name } : {}),
      ...(namespace ? { namespace } : {}),
      ...(uid ? { uid } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
      ...(creationTimestamp ? { creationTimestamp } : {}),
    },
    spec: typeof replicas === 'number' && replicas > 0 ? { replicas } : {},
    status: { replicas: Number(valueAt(object, paths.statusReplicas) ?? 0), ...(selector ? { selector: formatLabelSelector(selector) } : {}) },
  };
  return scale;
}

type Wanted = (live: Scale) => Scale;

async function putScale({ registry }: HandlerContext, call: ResourceCall): Promise<Wanted> {
  const given = (await readObject(call, SCALE, registry.definitions)) as Scale;
  return () => given;
}

async function patchedScale({ registry }: HandlerContext, call: ResourceCall, _paths: ScalePaths): Promise<Wanted> {
  const media = patchMediaOf(call);
  const { definitions } = registry;
  const raw = await readValue(call, definitions);
  if (!raw) throw badRequest('error decoding patch: the request body is empty');
  const { value: body, duplicates } = raw;
  return (live) => {
    const value =
      media === 'application/json-patch+json'
        ? applyJsonPatch(live, body)
        : media === 'application/strategic-merge-patch+json'
          ? applyStrategicMergePatch(definitions, SCALE.schema, { ...live }, body)
          : applyMergePatch(live, body);
    return checkObject({ value, duplicates }, SCALE, definitions, fieldValidationOf(call), call.warn) as Scale;
  };
}

async function write({ registry }: HandlerContext, call: ResourceCall, paths: ScalePaths, wanted: Wanted): Promise<Scale> {
  const { resource, info } = call;
  const options = writeOptionsOf(call);
  const written = await updateObject(registry, resource, {
    ...options,
    namespace: info.namespace,
    name: info.name,
    subresource: '',
    warn: call.warn,
    change: (live) => {
      const next = wanted(scaleOf(live, paths));
      checkScale(resource, info.name, next, live);
      const { resourceVersion: _, ...metadata } = live.metadata;
      return withValueAt({ ...live, metadata }, paths.specReplicas, next.spec?.replicas ?? 0);
    },
    track: trackerFor(registry, resource, options.manager, 'scale'),
  });
  return scaleOf(written.object, paths);
}

function checkScale(resource: Resource, name: string, scale: Scale, live: KubeObject): void {
  const errors: FieldError[] = [];
  const replicas = scale.spec?.replicas ?? 0;
  if (replicas < 0) errors.push(fieldInvalid('spec.replicas', replicas, 'must be greater than or equal to 0'));
  if (errors.length > 0) throw invalid('autoscaling', 'Scale', name, errors);
  if (scale.metadata.name && scale.metadata.name !== name) {
    throw badRequest(`the name of the object (${scale.metadata.name}) does not match the name on the URL (${name})`);
  }
  if (scale.metadata.resourceVersion && scale.metadata.resourceVersion !== live.metadata.resourceVersion) throw staleObject(resource.subject, name);
}
