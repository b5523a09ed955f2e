import type { Taint } from '../../kinds/index.ts';
import { isTolerated } from '../tolerations.ts';
import { FINE, normalisedReverse, rejectFinally, type SchedulerPlugin } from './plugin.ts';

const keepsOut = (taint: Taint): boolean => taint.effect === 'NoSchedule' || taint.effect === 'NoExecute';

/** Taints keep pods away that do not tolerate them; those with PreferNoSchedule only if there is another node. */
export const taintToleration: SchedulerPlugin = {
  name: 'TaintToleration',
  weight: 3,
  prepare({ pod }) {
    const tolerations = pod.pod.spec?.tolerations;
    return {
      filter(node) {
        const taint = node.node.spec?.taints?.find((one) => keepsOut(one) && !isTolerated(one, tolerations));
        return taint ? rejectFinally(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`) : FINE;
      },
      score: (nodes) =>
        normalisedReverse(
          nodes.map(({ node }) => (node.spec?.taints ?? []).filter((one) => one.effect === 'PreferNoSchedule' && !isTolerated(one, tolerations)).length),
        ),
    };
  },
};
