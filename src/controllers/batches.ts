/** How many writes one controller has under way at once. */
const PARALLEL = 50;

/** What came of a batch: how many calls succeeded, and the first failure. */
interface BatchResult {
  readonly succeeded: number;
  readonly failure?: unknown;
}

/** Calls `run` for 0 to `count` - 1, at most `parallel` at once. Starts no more once one has failed. */
export async function inParallel(count: number, run: (index: number) => Promise<void>, parallel = PARALLEL): Promise<BatchResult> {
  let [next, succeeded] = [0, 0];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (next < count && failures.length === 0) {
      try {
        await run(next++);
        succeeded++;
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, count) }, worker));
  return failures.length > 0 ? { succeeded, failure: failures[0] } : { succeeded };
}

/** Like inParallel, but tries one first, then 2, 4, …: what fails for all of them (quota, a refused template) fails once and not a thousand times. */
export async function slowStart(count: number, run: (index: number) => Promise<void>, parallel = PARALLEL): Promise<BatchResult> {
  let succeeded = 0;
  for (let size = Math.min(1, count); size > 0; size = Math.min(size * 2, count - succeeded)) {
    const first = succeeded;
    const result = await inParallel(size, (index) => run(first + index), parallel);
    succeeded += result.succeeded;
    if (result.failure !== undefined) return { succeeded, failure: result.failure };
  }
  return { succeeded };
}
