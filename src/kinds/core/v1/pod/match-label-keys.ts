import type { LabelSelector, LabelSelectorRequirement, ObjectMeta } from '../../../../apimachinery/index.ts';
import { alter, mapSame } from '../../../defaults/immutable.ts';
import type { PodAffinity, PodAffinityTerm, PodSpec } from '../../../schema/types.ts';

type Labels = NonNullable<ObjectMeta['labels']>;

const requirements = (keys: readonly string[] | undefined, labels: Labels, operator: 'In' | 'NotIn'): readonly LabelSelectorRequirement[] =>
  (keys ?? []).flatMap((key) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]));

function withRequirements(selector: LabelSelector, added: readonly LabelSelectorRequirement[]): LabelSelector {
  return added.length === 0 ? selector : { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...added] };
}

const mergeTerm = (term: PodAffinityTerm, labels: Labels): PodAffinityTerm =>
  alter(term, 'labelSelector', (selector) =>
    withRequirements(selector, [...requirements(term.matchLabelKeys, labels, 'In'), ...requirements(term.mismatchLabelKeys, labels, 'NotIn')]),
  );

const mergeTerms = (affinity: PodAffinity, labels: Labels): PodAffinity =>
  alter(
    alter(affinity, 'requiredDuringSchedulingIgnoredDuringExecution', (terms) => mapSame(terms, (term) => mergeTerm(term, labels))),
    'preferredDuringSchedulingIgnoredDuringExecution',
    (terms) => mapSame(terms, (one) => alter(one, 'podAffinityTerm', (term) => mergeTerm(term, labels))),
  );

/**
 * Turns matchLabelKeys and mismatchLabelKeys into selectors on the values that this pod's labels have, as Kubernetes does when a pod is created:
 * the scheduler then needs to know selectors only.
 */
export function mergeMatchLabelKeys(spec: PodSpec, labels: Labels): PodSpec {
  const spread = alter(spec, 'topologySpreadConstraints', (constraints) =>
    mapSame(constraints, (one) => alter(one, 'labelSelector', (selector) => withRequirements(selector, requirements(one.matchLabelKeys, labels, 'In')))),
  );
  return alter(spread, 'affinity', (affinity) =>
    alter(
      alter(affinity, 'podAffinity', (one) => mergeTerms(one, labels)),
      'podAntiAffinity',
      (one) => mergeTerms(one, labels),
    ),
  );
}
