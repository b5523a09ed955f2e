export * from './field-selector.ts';
export {
  formatLabelSelector,
  type LabelMatcher,
  type LabelRequirement,
  labelMapMatcher,
  labelMatcher,
  labelSelectorMatcher,
  SelectorError,
} from './label-selector.ts';
export { parseLabelSelector } from './parse-label-selector.ts';
