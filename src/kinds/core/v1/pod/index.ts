export { droverAnnotationWarnings, sharesPorts, validateDroverAnnotations } from './annotations.ts';
export {
  containerPortByName,
  isPodReady,
  isPodTerminal,
  isSidecar,
  podAvailableAtMs,
  podCondition,
  podConditions,
  runningContainers,
  targetPortOf,
} from './conditions.ts';
export { imageTag } from './container-defaults.ts';
export { pod } from './pod.ts';
export { type QosClass, qosClass } from './qos.ts';
export { type Amounts, addAmounts, amountOf, amountsOf, maxAmounts, podLimits, podRequests } from './resources.ts';
export { type PodSummary, podSummary } from './status-text.ts';
