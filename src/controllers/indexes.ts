import { controllerOf, type KubeObject } from '../apimachinery/index.ts';
import type { Indexes } from '../client/index.ts';

/** Finds objects by the uid of what controls them; those that nobody controls under `orphan/<namespace>`. */
export const CONTROLLER_INDEX = 'controllers/controller';

export const orphansOf = (namespace: string): string => `orphan/${namespace}`;

const controllerValues = (object: KubeObject): readonly string[] => [controllerOf(object)?.uid ?? orphansOf(object.metadata.namespace ?? '')];

/** Shared by all controllers, since an informer takes each index function once. */
export const BY_CONTROLLER: Indexes<KubeObject> = { [CONTROLLER_INDEX]: controllerValues };
