import { expired } from '../../apimachinery/index.ts';
import type { Clock, Timer } from '../../std/index.ts';
import { SlowWatcherError, type StoreEvent, type StoreWatch } from '../../storage/index.ts';
import type { WatchFrame } from '../request/answer.ts';
import { errorFrame } from './watch-frames.ts';

/** How often a quiet watcher is told the current revision. */
const BOOKMARK_PERIOD_MS = 60_000;

export interface WatchLoopOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly initial: () => Iterable<WatchFrame>;
  readonly opened: StoreWatch | WatchFrame;
  /** The frame of an event; undefined when this watcher does not see it. */
  readonly toFrames: (event: StoreEvent) => WatchFrame | undefined;
  readonly bookmark: (() => WatchFrame) | undefined;
  readonly timeoutMs: number | undefined;
}

/**
 * One watcher's frames: what there is, then changes, with bookmarks between, until the time is over, the client leaves or the store ends it.
 *
 * A bookmark promises that every event up to its revision was sent. It is made only while the loop waits for the store, one turn of the event loop after
 * the timer: the store publishes an event in the same turn in which its revision becomes visible, so by then nothing older can be on its way.
 */
export async function* watchLoop(options: WatchLoopOptions): AsyncGenerator<WatchFrame> {
  const { clock, opened, signal } = options;
  yield* options.initial();
  if ('line' in opened) {
    yield opened;
    return;
  }
  const timers: Timer[] = [];
  const stop = () => void opened.close();
  let bookmarkDue = false;
  let wake: (() => void) | undefined;
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  if (options.timeoutMs !== undefined) timers.push(clock.after(options.timeoutMs, stop));
  if (options.bookmark) {
    timers.push(
      clock.every(BOOKMARK_PERIOD_MS, () => {
        bookmarkDue = true;
        wake?.();
      }),
    );
  }
  const events = opened.events[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<StoreEvent>> | undefined;
  try {
    for (;;) {
      next ??= events.next();
      const result = bookmarkDue ? undefined : await nextOrBookmark(next);
      if (result === undefined) {
        bookmarkDue = false;
        const frame = await quietBookmark(next);
        if (frame) yield frame;
        continue;
      }
      next = undefined;
      if (result.done) break;
      const frame = options.toFrames(result.value);
      if (frame) yield frame;
    }
    if (options.bookmark && !signal.aborted) yield options.bookmark();
  } catch (error) {
    if (!(error instanceof SlowWatcherError)) throw error;
    yield errorFrame(expired(`The watch was dropped because its client reads too slowly: ${error.message}. List again and watch from there.`).status);
  } finally {
    // A wait that nobody will read must not fail unheard.
    next?.catch(() => undefined);
    signal.removeEventListener('abort', stop);
    for (const timer of timers) timer.close();
    await opened.close();
  }

  function nextOrBookmark(next: Promise<IteratorResult<StoreEvent>>): Promise<IteratorResult<StoreEvent> | undefined> {
    if (!options.bookmark) return next;
    return Promise.race([
      next,
      new Promise<undefined>((resolve) => {
        wake = () => resolve(undefined);
      }),
    ]);
  }

  /** A bookmark when no event comes within one turn of the event loop. */
  async function quietBookmark(next: Promise<IteratorResult<StoreEvent>>): Promise<WatchFrame | undefined> {
    const frame = options.bookmark?.();
    let arrived = false;
    next.then(
      () => {
        arrived = true;
      },
      () => {
        arrived = true;
      },
    );
    await new Promise((resolve) => setImmediate(resolve));
    return arrived ? undefined : frame;
  }
}
