import { alter, fill, mapSame } from '../../../defaults/immutable.ts';
import type { PodSpec, PodTemplateSpec } from '../../../schema/types.ts';
import { containerDefaults } from './container-defaults.ts';
import { volumeDefaults } from './volume-defaults.ts';

/** Kubernetes' defaults of a pod's spec that hold in templates too. */
export function podSpecDefaults(given: PodSpec): PodSpec {
  let spec = fill(given, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
  });
  // `serviceAccount` is the old name of the same field; the server keeps both alike.
  if (spec.serviceAccountName && spec.serviceAccount !== spec.serviceAccountName) spec = { ...spec, serviceAccount: spec.serviceAccountName };
  else if (spec.serviceAccount && !spec.serviceAccountName) spec = { ...spec, serviceAccountName: spec.serviceAccount };
  spec = alter(spec, 'containers', (containers) => mapSame(containers, containerDefaults));
  spec = alter(spec, 'initContainers', (containers) => mapSame(containers, containerDefaults));
  spec = alter(spec, 'ephemeralContainers', (containers) => mapSame(containers, containerDefaults));
  return alter(spec, 'volumes', (volumes) => mapSame(volumes, volumeDefaults));
}

/** The defaults of a pod template. */
export const templateDefaults = (template: PodTemplateSpec): PodTemplateSpec => alter(template, 'spec', podSpecDefaults);
