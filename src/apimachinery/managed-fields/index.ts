export { applyServerSide, type ServerSideApplied, type ServerSideApply } from './apply-server-side.ts';
export { applyConflict, type FieldConflict } from './conflicts.ts';
export { trackUpdate, type UpdateToTrack, withManagedFields } from './track-update.ts';
