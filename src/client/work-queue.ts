import type { Clock, Timer } from '../std/index.ts';
import type { WorkQueue } from './contract.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** How many keys are worked on at once; default 1. Never twice the same. */
  readonly concurrency?: number;
  /** Brings one key to its desired state. Rejecting brings the key back later. The signal aborts when the queue closes. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<void>;
  /** Told of every failure: `failures` counts those in a row for this key, `retryInMs` is the delay until the next try. */
  readonly onError?: (key: string, error: unknown, again: { readonly failures: number; readonly retryInMs: number }) => void;
  /** First delay after a failure; doubles with each. Default 5 ms. */
  readonly baseDelayMs?: number;
  /** Longest delay. Default 1000 s. */
  readonly maxDelayMs?: number;
}

/** After this many keys the event loop gets a turn, so that work that never waits cannot starve it. */
const KEYS_PER_TURN = 32;

/*
 *   add ──► waiting (ordered, each key once) ──► working ──► done, failures forgotten
 *    ▲                                             │
 *    ├── added while working: waiting again ◄──────┤
 *    └── later (back-off or addAfter) ◄── failed ──┘
 */
class KeyQueue implements WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Insertion-ordered: the first is the oldest. */
  readonly #waiting = new Set<string>();
  readonly #working = new Set<string>();
  readonly #addedWhileWorking = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #later = new Map<string, { readonly dueMs: number; readonly timer: Timer }>();
  readonly #abort = new AbortController();
  #startedThisTurn = 0;
  #turnPending = false;
  #idle: (() => void) | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.size;
  }

  add(key: string): void {
    if (this.#abort.signal.aborted) return;
    if (this.#working.has(key)) this.#addedWhileWorking.add(key);
    else {
      this.#waiting.add(key);
      this.#start();
    }
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#abort.signal.aborted) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const dueMs = this.#options.clock.monotonic() + delayMs;
    const pending = this.#later.get(key);
    if (pending && pending.dueMs <= dueMs) return;
    pending?.timer.close();
    const timer = this.#options.clock.after(delayMs, () => {
      this.#later.delete(key);
      this.add(key);
    });
    this.#later.set(key, { dueMs, timer });
  }

  #start(): void {
    const concurrency = this.#options.concurrency ?? 1;
    for (const key of this.#waiting) {
      if (this.#working.size >= concurrency || this.#startedThisTurn >= KEYS_PER_TURN) break;
      this.#startedThisTurn++;
      this.#waiting.delete(key);
      this.#working.add(key);
      void this.#work(key);
    }
    if (this.#startedThisTurn > 0 && !this.#turnPending) this.#afterTurn();
  }

  #afterTurn(): void {
    this.#turnPending = true;
    setImmediate(() => {
      this.#turnPending = false;
      this.#startedThisTurn = 0;
      this.#start();
    });
  }

  async #work(key: string): Promise<void> {
    try {
      // The caller of add() is never run over by the reconcile of what it just added.
      await Promise.resolve();
      await this.#options.reconcile(key, this.#abort.signal);
      this.#failures.delete(key);
    } catch (error) {
      this.#failed(key, error);
    } finally {
      this.#working.delete(key);
      if (this.#addedWhileWorking.delete(key) && !this.#abort.signal.aborted) this.#waiting.add(key);
      if (this.#abort.signal.aborted) {
        if (this.#working.size === 0) this.#idle?.();
      } else this.#start();
    }
  }

  #failed(key: string, error: unknown): void {
    if (this.#abort.signal.aborted) return;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const retryInMs = Math.min((this.#options.baseDelayMs ?? 5) * 2 ** (failures - 1), this.#options.maxDelayMs ?? 1_000_000);
    this.addAfter(key, retryInMs);
    this.#options.onError?.(key, error, { failures, retryInMs });
  }

  /** Drops what waits and resolves when the keys under way are done (their signal is aborted). */
  async close(): Promise<void> {
    if (!this.#abort.signal.aborted) {
      this.#abort.abort(new Error('the work queue is closed'));
      this.#waiting.clear();
      this.#addedWhileWorking.clear();
      for (const { timer } of this.#later.values()) timer.close();
      this.#later.clear();
    }
    if (this.#working.size === 0) return;
    await new Promise<void>((resolve) => {
      const before = this.#idle;
      this.#idle = () => {
        before?.();
        resolve();
      };
    });
  }
}

/** A queue of keys, each worked on by one worker at a time. Starts at once. */
export const createWorkQueue = (options: WorkQueueOptions): WorkQueue => new KeyQueue(options);
