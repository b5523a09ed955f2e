import { FINE, rejectFinally, type SchedulerPlugin } from './plugin.ts';

/** A pod that names its node goes there or nowhere. */
export const nodeName: SchedulerPlugin = {
  name: 'NodeName',
  prepare({ pod }) {
    const wanted = pod.pod.spec?.nodeName;
    if (!wanted) return undefined;
    return { filter: (node) => (node.name === wanted ? FINE : rejectFinally("node(s) didn't match the requested node name")) };
  },
};
