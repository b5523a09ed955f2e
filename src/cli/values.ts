import type { Parsed } from './arguments.ts';
import { UsageError } from './errors.ts';

/** An option in seconds: 30, 30s, 5m, 1h. */
export function secondsOption(args: Parsed, name: string, fallback: number): number {
  const given = args.text(name);
  if (given === undefined) return fallback;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(given);
  if (!match) throw new UsageError(`--${name}: expected a time such as 30s or 5m, got "${given}"`);
  return Number(match[1]) * ({ ms: 0.001, s: 1, m: 60, h: 3_600 }[match[2] ?? ''] ?? 1);
}

/** An option that is a whole number of 0 or more. */
export function countOption(args: Parsed, name: string): number | undefined {
  const given = args.text(name);
  if (given === undefined) return undefined;
  if (!/^\d+$/.test(given)) throw new UsageError(`--${name}: expected a whole number, got "${given}"`);
  return Number(given);
}
