export { applyServerSide } from './apply-server-side.ts';
export { applyConflict } from './conflicts.ts';
export { trackUpdate } from './track-update.ts';
