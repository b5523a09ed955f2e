import type { KubeObject } from '../../apimachinery/index.ts';

/** Only an object's metadata, as clients that watch many kinds ask for. */
export const partialMetadata = (object: KubeObject, version: 'v1' | 'v1beta1'): KubeObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${version}`,
  metadata: object.metadata,
});
