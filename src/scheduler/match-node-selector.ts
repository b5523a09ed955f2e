import { type LabelRequirement, labelMapMatcher, labelMatcher } from '../apimachinery/index.ts';
import type { NodeSelectorTerm, Pod } from '../kinds/index.ts';
import type { NodeInfo } from './snapshot/node-info.ts';

const OPERATORS: { readonly [operator: string]: LabelRequirement['operator'] } = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

type Requirements = NodeSelectorTerm['matchExpressions'];

/** A matcher of node selector requirements; an operator that does not exist matches nothing. */
function requirementsMatcher(requirements: Requirements): (labels: { readonly [key: string]: string }) => boolean {
  const known: LabelRequirement[] = [];
  for (const { key, operator, values = [] } of requirements ?? []) {
    const found = OPERATORS[operator];
    if (!found) return () => false;
    known.push({ key, operator: found, values });
  }
  const matcher = labelMatcher(known);
  return (labels) => matcher.matches(labels);
}

/** A matcher of one term: all of its expressions and fields must hold; a term without any matches no node. */
export function nodeTermMatcher(term: NodeSelectorTerm): (node: NodeInfo) => boolean {
  if (!term.matchExpressions?.length && !term.matchFields?.length) return () => false;
  const expressions = requirementsMatcher(term.matchExpressions);
  const fields = requirementsMatcher(term.matchFields);
  return (node) => expressions(node.labels) && fields({ 'metadata.name': node.name });
}

/** Whether nodes satisfy the pod's nodeSelector and required node affinity; undefined when it has neither. */
export function requiredNodeMatcher(pod: Pod): ((node: NodeInfo) => boolean) | undefined {
  const selector = pod.spec?.nodeSelector;
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!selector && !required) return undefined;
  const labels = labelMapMatcher(selector);
  const terms = required?.nodeSelectorTerms.map(nodeTermMatcher);
  return (node) => labels.matches(node.labels) && (terms === undefined || terms.some((term) => term(node)));
}
