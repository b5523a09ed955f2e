import { type LabelMatcher, labelSelectorMatcher } from '../../apimachinery/index.ts';
import type { Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '../../kinds/index.ts';

type Labels = { readonly [key: string]: string };

/** A rule about other pods, ready to be asked. */
export interface AffinityTerm {
  readonly topologyKey: string;
  /** 1 for required terms. */
  readonly weight: number;
  /** Whether a pod with these labels in this namespace (which has these labels of its own) is meant. */
  matches(namespace: string, namespaceLabels: Labels, labels: Labels): boolean;
}

/** All rules of one pod about others. */
export interface AffinityTerms {
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly AffinityTerm[];
  readonly preferredAntiAffinity: readonly AffinityTerm[];
}

const NONE: AffinityTerms = { requiredAffinity: [], requiredAntiAffinity: [], preferredAffinity: [], preferredAntiAffinity: [] };

/** The selector with the values of the pod's own labels that matchLabelKeys and mismatchLabelKeys name. */
export function withOwnLabels(
  selector: PodAffinityTerm['labelSelector'],
  labels: Labels,
  matchKeys: readonly string[] | undefined,
  mismatchKeys?: readonly string[],
): PodAffinityTerm['labelSelector'] {
  if (!selector || (!matchKeys?.length && !mismatchKeys?.length)) return selector;
  const own = (keys: readonly string[] | undefined, operator: string) =>
    (keys ?? []).flatMap((key) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]));
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...own(matchKeys, 'In'), ...own(mismatchKeys, 'NotIn')] };
}

function compile(term: PodAffinityTerm, pod: Pod, weight: number): AffinityTerm {
  const labels = pod.metadata.labels ?? {};
  const matcher = labelSelectorMatcher(withOwnLabels(term.labelSelector, labels, term.matchLabelKeys, term.mismatchLabelKeys));
  const listed = term.namespaces ?? [];
  const named = new Set(listed.length === 0 && !term.namespaceSelector ? [pod.metadata.namespace ?? ''] : listed);
  const selected: LabelMatcher | undefined = term.namespaceSelector ? labelSelectorMatcher(term.namespaceSelector) : undefined;
  return {
    topologyKey: term.topologyKey,
    weight,
    matches: (namespace, namespaceLabels, others) => (named.has(namespace) || selected?.matches(namespaceLabels) === true) && matcher.matches(others),
  };
}

/** Compiles the pod's podAffinity and podAntiAffinity. */
export function affinityTermsOf(pod: Pod): AffinityTerms {
  const affinity = pod.spec?.affinity?.podAffinity;
  const anti = pod.spec?.affinity?.podAntiAffinity;
  if (!affinity && !anti) return NONE;
  const required = (terms: readonly PodAffinityTerm[] | undefined) => (terms ?? []).map((term) => compile(term, pod, 1));
  const preferred = (terms: readonly WeightedPodAffinityTerm[] | undefined) =>
    (terms ?? []).map(({ podAffinityTerm, weight }) => compile(podAffinityTerm, pod, weight));
  return {
    requiredAffinity: required(affinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAntiAffinity: required(anti?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAffinity: preferred(affinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAntiAffinity: preferred(anti?.preferredDuringSchedulingIgnoredDuringExecution),
  };
}

export const hasTerms = (terms: AffinityTerms): boolean => terms !== NONE;
