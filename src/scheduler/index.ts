export type { OvercommitPolicy } from './plugins/plugin.ts';
export { startScheduler } from './scheduler.ts';
export type { SchedulerOptions } from './scheduler-options.ts';
