export { OVERCOMMIT_ANNOTATION } from './overcommit.ts';
export type { OvercommitPolicy } from './plugins/plugin.ts';
export { type SchedulerOptions, startScheduler } from './scheduler.ts';
