import type { Pod, PodTemplateSpec } from '../../../schema/types.ts';
import { droverAnnotationWarnings } from './annotations.ts';

/** Texts about a pod beyond those of its field policies. */
export const podWarnings = (pod: Pod, _old: Pod | undefined): readonly string[] => droverAnnotationWarnings(pod.metadata.annotations, 'metadata.annotations');

/** Texts about a pod template beyond those of its kind's field policies. */
export const templateWarnings = (template: PodTemplateSpec | undefined, _old: PodTemplateSpec | undefined): readonly string[] =>
  droverAnnotationWarnings(template?.metadata?.annotations, 'spec.template.metadata.annotations');
