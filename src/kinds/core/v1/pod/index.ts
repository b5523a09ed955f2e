export { sharesPorts } from './annotations.ts';
export {
  isPodReady,
  isPodTerminal,
  isSidecar,
  podAvailableAtMs,
  podCondition,
  targetPortOf,
} from './conditions.ts';
export { imageTag } from './container-defaults.ts';
export { pod } from './pod.ts';
export { qosClass } from './qos.ts';
export { type Amounts, amountsOf, podRequests } from './resources.ts';
