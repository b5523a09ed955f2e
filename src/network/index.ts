export type * from './contract.ts';
export { startNetwork } from './daemon/start-network.ts';
export { teardown } from './daemon/teardown.ts';
export { chooseRanges } from './ranges/choose-ranges.ts';
