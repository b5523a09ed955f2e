import type { Indexes } from '../../client/index.ts';
import type { Pod } from '../../kinds/index.ts';

/** Finds pods by the node they are bound to. */
export const NODE_INDEX = 'controllers/node';

export const BY_NODE: Indexes<Pod> = { [NODE_INDEX]: (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []) };
