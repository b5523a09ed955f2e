export type * from './contract.ts';
export { type NetworkOptions, startNetwork } from './daemon/start-network.ts';
export { teardown } from './daemon/teardown.ts';
export { NetworkError, type NetworkErrorCode } from './network-error.ts';
export { type ChooseRangesOptions, chooseRanges } from './ranges/choose-ranges.ts';
