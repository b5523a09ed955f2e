import { alter, fill, mapSame } from '../../../defaults/immutable.ts';
import type { Container, EnvVar, HTTPGetAction, LifecycleHandler, Probe } from '../../../schema/types.ts';

/** The tag of an image reference: `latest` when it has neither tag nor digest, empty when it has a digest only. */
export function imageTag(image: string): string {
  const [reference = '', digest] = image.split('@', 2);
  const last = reference.slice(reference.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  if (colon >= 0) return last.slice(colon + 1);
  return digest === undefined && reference !== '' ? 'latest' : '';
}

const httpGetDefaults = (action: HTTPGetAction): HTTPGetAction => {
  const filled = fill(action, { path: '/', scheme: 'HTTP' });
  return filled.path === '' || filled.scheme === '' ? { ...filled, path: filled.path || '/', scheme: filled.scheme || 'HTTP' } : filled;
};

/** Zero means the default, as it does in Kubernetes. */
const orDefault = (value: number | undefined, fallback: number): number => value || fallback;

function probeDefaults(probe: Probe): Probe {
  const wanted = {
    timeoutSeconds: orDefault(probe.timeoutSeconds, 1),
    periodSeconds: orDefault(probe.periodSeconds, 10),
    successThreshold: orDefault(probe.successThreshold, 1),
    failureThreshold: orDefault(probe.failureThreshold, 3),
  };
  const same = (Object.keys(wanted) as (keyof typeof wanted)[]).every((key) => probe[key] === wanted[key]);
  const filled = same ? probe : { ...probe, ...wanted };
  return alter(alter(filled, 'httpGet', httpGetDefaults), 'grpc', (grpc) => fill(grpc, { service: '' }));
}

const handlerDefaults = (handler: LifecycleHandler): LifecycleHandler => alter(handler, 'httpGet', httpGetDefaults);

/** `valueFrom` with the version that field paths are read in. */
const envDefaults = (variable: EnvVar): EnvVar =>
  alter(variable, 'valueFrom', (source) =>
    alter(
      alter(source, 'fieldRef', (field) => fill(field, { apiVersion: 'v1' })),
      'resourceFieldRef',
      (field) => fill(field, { divisor: '0' }),
    ),
  );

/** Kubernetes' defaults of one container, init and ephemeral ones alike. */
export function containerDefaults<C extends Container>(given: C): C {
  let container = given;
  const image = container.image?.trim();
  if (image !== undefined && image !== container.image) container = { ...container, image };
  container = fill<Container>(container, {
    imagePullPolicy: imageTag(image ?? '') === 'latest' ? 'Always' : 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    resources: {},
  }) as C;
  container = alter(container as Container, 'ports', (ports) => mapSame(ports, (port) => fill(port, { protocol: 'TCP' }))) as C;
  container = alter(container as Container, 'env', (env) => mapSame(env, envDefaults)) as C;
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) container = alter(container as Container, probe, probeDefaults) as C;
  return alter(container as Container, 'lifecycle', (lifecycle) => alter(alter(lifecycle, 'postStart', handlerDefaults), 'preStop', handlerDefaults)) as C;
}
