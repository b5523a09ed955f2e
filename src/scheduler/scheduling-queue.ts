import type { Clock, Timer } from '../std/index.ts';

/** A pod that waits, by key; what the queue remembers of its tries. */
interface Waiting {
  readonly priority: number;
  attempts: number;
  /** Not before this moment (monotonic). */
  readyAtMs: number;
}

const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 10_000;
/** Changes of the cluster that come together are answered together. */
const MOVE_DELAY_MS = 100;

/*
 *            add                    next                      placed
 *  (nobody) ─────► active ────────────────────► being decided ───────► (nobody)
 *                    ▲                                 │ failed
 *                    │   backoff over                  ▼
 *                    └──────────────── parked ◄────────┘
 *                       and the cluster changed
 */

/** Pods without a node: highest priority first, then the order in which they came. Pods that fit nowhere wait until something changes. */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #onReady: () => void;
  /** Keys by priority, each list in order of arrival. */
  readonly #active = new Map<number, Set<string>>();
  readonly #known = new Map<string, Waiting>();
  readonly #parked = new Set<string>();
  #move: { readonly timer: Timer; readonly atMs: number } | undefined;

  /** `onReady` is called when keys became active. */
  constructor(clock: Clock, onReady: () => void) {
    this.#clock = clock;
    this.#onReady = onReady;
  }

  /** A pod that has no node. Known ones stay where they are. */
  add(key: string, priority: number): void {
    if (this.#known.has(key)) return;
    this.#known.set(key, { priority, attempts: 0, readyAtMs: 0 });
    this.#activate(key, priority);
    this.#onReady();
  }

  /** The pod itself changed: it is tried again now. */
  retry(key: string): void {
    const waiting = this.#known.get(key);
    if (!waiting || !this.#parked.delete(key)) return;
    this.#activate(key, waiting.priority);
    this.#onReady();
  }

  /** The pod is placed, deleted or not ours any more. */
  forget(key: string): void {
    const waiting = this.#known.get(key);
    if (!waiting) return;
    this.#known.delete(key);
    this.#parked.delete(key);
    this.#active.get(waiting.priority)?.delete(key);
  }

  /** The next key to decide about; it must be answered by failed or forget. */
  next(): string | undefined {
    let highest: number | undefined;
    for (const [priority, keys] of this.#active) if (keys.size > 0 && (highest === undefined || priority > highest)) highest = priority;
    if (highest === undefined) return undefined;
    const keys = this.#active.get(highest);
    const [key] = keys ?? [];
    if (key !== undefined) keys?.delete(key);
    if (keys?.size === 0) this.#active.delete(highest);
    return key;
  }

  /** The pod could not be placed. It waits for its backoff and for a change of the cluster; `isTransient` (a failed write): for its backoff only. */
  failed(key: string, isTransient: boolean): void {
    const waiting = this.#known.get(key);
    if (!waiting) return;
    const backoffMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** waiting.attempts);
    waiting.attempts++;
    waiting.readyAtMs = this.#clock.monotonic() + backoffMs;
    this.#parked.add(key);
    if (isTransient) this.#moveAt(waiting.readyAtMs);
  }

  /** Something changed that may help pods that wait. */
  clusterChanged(): void {
    if (this.#parked.size > 0) this.#moveAt(this.#clock.monotonic() + MOVE_DELAY_MS);
  }

  get parked(): number {
    return this.#parked.size;
  }

  close(): void {
    this.#move?.timer.close();
    this.#move = undefined;
    this.#known.clear();
    this.#active.clear();
    this.#parked.clear();
  }

  #activate(key: string, priority: number): void {
    const keys = this.#active.get(priority);
    if (keys) keys.add(key);
    else this.#active.set(priority, new Set([key]));
  }

  #moveAt(atMs: number): void {
    if (this.#move && this.#move.atMs <= atMs) return;
    this.#move?.timer.close();
    this.#move = { atMs, timer: this.#clock.after(Math.max(0, atMs - this.#clock.monotonic()), () => this.#moveNow()) };
  }

  #moveNow(): void {
    this.#move = undefined;
    const nowMs = this.#clock.monotonic();
    let earliest = Number.POSITIVE_INFINITY;
    let moved = false;
    for (const key of this.#parked) {
      const waiting = this.#known.get(key);
      if (!waiting) continue;
      if (waiting.readyAtMs > nowMs) {
        earliest = Math.min(earliest, waiting.readyAtMs);
        continue;
      }
      this.#parked.delete(key);
      this.#activate(key, waiting.priority);
      moved = true;
    }
    // Those still in backoff when the cluster changed get their turn when it ends.
    if (earliest !== Number.POSITIVE_INFINITY) this.#moveAt(earliest);
    if (moved) this.#onReady();
  }
}
