import type { Event } from '../kinds/index.ts';

/** What is to be written for one occurrence: a new Event, a higher count on one written before, or nothing (too many about one object). */
export type Correlated =
  | { readonly action: 'create'; readonly message: string; readonly remember: (written: Event) => void }
  | { readonly action: 'count'; readonly message: string; readonly written: Event; readonly count: number; readonly remember: (written: Event) => void }
  | { readonly action: 'drop' };

export interface Occurrence {
  /** Everything that makes events the same but the message: source, object, type, reason. */
  readonly similarKey: string;
  /** Source and object: what the rate limit goes by. */
  readonly objectKey: string;
  readonly message: string;
}

const SIMILAR_LIMIT = 10;
const SIMILAR_WINDOW_MS = 600_000;
const BURST = 25;
const REFILL_MS = 300_000;
const REMEMBERED = 4_096;

/** A map that forgets what was used longest ago. */
class Recent<V> {
  readonly #entries = new Map<string, V>();
  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }
  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > REMEMBERED) this.#entries.delete(this.#entries.keys().next().value as string);
  }
}

/** Kubernetes' rules: the same event again raises its count; more than 10 similar ones in 10 minutes become one; 25 about one object at once, then one in 5 minutes. */
export class EventCorrelator {
  readonly #similar = new Recent<{ readonly messages: Set<string>; lastMs: number }>();
  readonly #written = new Recent<Event>();
  readonly #tokens = new Recent<{ tokens: number; atMs: number }>();

  correlate(occurrence: Occurrence, nowMs: number): Correlated {
    const combined = this.#combined(occurrence, nowMs);
    if (!this.#allowed(occurrence.objectKey, nowMs)) return { action: 'drop' };
    const message = combined ? `(combined from similar events): ${occurrence.message}` : occurrence.message;
    const key = combined ? `${occurrence.similarKey}\u0000combined` : `${occurrence.similarKey}\u0000${occurrence.message}`;
    const remember = (event: Event): void => this.#written.set(key, event);
    const written = this.#written.get(key);
    return written ? { action: 'count', message, written, count: (written.count ?? 1) + 1, remember } : { action: 'create', message, remember };
  }

  #combined({ similarKey, message }: Occurrence, nowMs: number): boolean {
    const known = this.#similar.get(similarKey);
    const record = known && nowMs - known.lastMs <= SIMILAR_WINDOW_MS ? known : { messages: new Set<string>(), lastMs: nowMs };
    record.lastMs = nowMs;
    // A set of this size is enough to know; a flood of distinct messages must not fill memory.
    if (record.messages.size <= SIMILAR_LIMIT) record.messages.add(message);
    this.#similar.set(similarKey, record);
    return record.messages.size > SIMILAR_LIMIT;
  }

  #allowed(objectKey: string, nowMs: number): boolean {
    const bucket = this.#tokens.get(objectKey) ?? { tokens: BURST, atMs: nowMs };
    bucket.tokens = Math.min(BURST, bucket.tokens + (nowMs - bucket.atMs) / REFILL_MS);
    bucket.atMs = nowMs;
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens -= 1;
    this.#tokens.set(objectKey, bucket);
    return allowed;
  }
}
