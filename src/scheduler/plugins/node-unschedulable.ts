import { isTolerated } from '../tolerations.ts';
import { FINE, rejectFinally, type SchedulerPlugin } from './plugin.ts';

const TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Cordoned nodes take only pods that tolerate that. */
export const nodeUnschedulable: SchedulerPlugin = {
  name: 'NodeUnschedulable',
  prepare({ pod }) {
    if (isTolerated(TAINT, pod.pod.spec?.tolerations)) return undefined;
    return { filter: (node) => (node.node.spec?.unschedulable ? rejectFinally('node(s) were unschedulable') : FINE) };
  },
};
