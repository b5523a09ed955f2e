export * from './json-patch.ts';
export * from './merge-patch.ts';
export { createStrategicMergePatch, createThreeWayStrategicPatch } from './strategic-diff.ts';
export { applyStrategicMergePatch } from './strategic-merge.ts';
