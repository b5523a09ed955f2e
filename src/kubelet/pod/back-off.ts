import type { ContainerView, Pm2Restarts } from './pod-view.ts';

const TEN_MINUTES_MS = 600_000;
const FIRST_MS = 10_000;
const MAX_MS = 300_000;

/** Exits in a row after one more run of `ranMs`; ten minutes of running start the count anew. */
export const nextStreak = (streak: number, ranMs: number): number => (ranMs >= TEN_MINUTES_MS ? 1 : streak + 1);

/** The count of short runs after one more run of `ranMs`. */
export const nextUnstable = (rules: Pm2Restarts, ranMs: number): number => (ranMs >= rules.minUptimeMs ? 0 : rules.unstable + 1);

/** Milliseconds between an exit and the restart: the first at once, then 10 s doubling to 5 min. PM2's apps: 100 ms doubling to 1 s while runs are short. */
export function restartDelayMs(container: Pick<ContainerView, 'streak' | 'pm2'>): number {
  if (container.pm2) return container.pm2.unstable <= 1 ? 0 : Math.min(100 * 2 ** (container.pm2.unstable - 2), 1_000);
  return container.streak <= 1 ? 0 : Math.min(FIRST_MS * 2 ** (container.streak - 2), MAX_MS);
}

/** Milliseconds until the next try of something that failed `count` times in a row: from `firstMs`, doubling to five minutes. */
export const retryDelayMs = (count: number, firstMs: number): number => Math.min(firstMs * 2 ** Math.min(count - 1, 20), MAX_MS);

/** An app in PM2's words that ended too often too soon, and is left alone. */
export const isErrored = (container: Pick<ContainerView, 'pm2'>): boolean =>
  container.pm2 !== undefined && container.pm2.unstable > 0 && container.pm2.unstable >= container.pm2.maxRestarts;

/** Go's way of writing whole seconds: 10s, 1m20s, 5m0s. */
export function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours > 0) return `${hours}h${minutes % 60}m${seconds % 60}s`;
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}
