import { nodeTermMatcher, requiredNodeMatcher } from '../match-node-selector.ts';
import { FINE, normalised, rejectFinally, type SchedulerPlugin } from './plugin.ts';

/** nodeSelector and node affinity, required and preferred. */
export const nodeAffinity: SchedulerPlugin = {
  name: 'NodeAffinity',
  weight: 2,
  prepare({ pod: { pod } }) {
    const required = requiredNodeMatcher(pod);
    const preferred = (pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, preference }) => ({
      weight,
      matches: nodeTermMatcher(preference),
    }));
    if (!required && preferred.length === 0) return undefined;
    return {
      filter: (node) => (required === undefined || required(node) ? FINE : rejectFinally("node(s) didn't match Pod's node affinity/selector")),
      score: (nodes) => normalised(nodes.map((node) => preferred.reduce((sum, term) => sum + (term.matches(node) ? term.weight : 0), 0))),
    };
  },
};
