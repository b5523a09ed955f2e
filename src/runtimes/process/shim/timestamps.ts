import type { Clock } from '../../../std/index.ts';

const REBASE_MS = 5;

/** Makes RFC 3339 times with nine digits that never run backwards within a file; the wall clock is followed when it is set. */
export function createTimestamps(clock: Clock): () => string {
  let origin = clock.now() - clock.monotonic();
  let second = -1;
  let text = '';
  return () => {
    const monotonic = clock.monotonic();
    if (Math.abs(origin + monotonic - clock.now()) > REBASE_MS) origin = clock.now() - monotonic;
    const now = origin + monotonic;
    const whole = Math.floor(now / 1000);
    if (whole !== second) {
      second = whole;
      text = new Date(whole * 1000).toISOString().slice(0, 19);
    }
    const micros = Math.min(999_999, Math.floor((now - whole * 1000) * 1000));
    return `${text}.${String(micros).padStart(6, '0')}000Z`;
  };
}

/** Name part of a rotated log: YYYYMMDD-HHMMSS. */
export const rotationStamp = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
