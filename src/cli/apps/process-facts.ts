import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from '../../kinds/index.ts';
import type { Clock, HomePaths } from '../../std/index.ts';

/** What the machine tells of a replica's main process. */
export interface ProcessFacts {
  readonly pid: number;
  /** Percent of one core, measured just now; undefined where it cannot be told. */
  readonly cpuPercent: number | undefined;
  readonly memoryBytes: number | undefined;
}

const SAMPLE_MS = 20;

/**
 * Process ids, CPU and memory of local pods, by pod uid. Pods whose process is not known are left out. Reads synchronously on purpose: hundreds of
 * small files of /proc cost a tenth of what they cost through the thread pool, and a list has nothing else to do meanwhile.
 */
export async function processFacts(home: HomePaths, pods: readonly Pod[], clock: Clock): Promise<ReadonlyMap<string, ProcessFacts>> {
  const pids = new Map<string, number>();
  for (const pod of pods) {
    const pid = pidOf(home, pod);
    if (pid !== undefined && pod.metadata.uid) pids.set(pod.metadata.uid, pid);
  }
  const measure = (): readonly (number | undefined)[] => [...pids.values()].map(cpuNanoseconds);
  const startMs = clock.monotonic();
  const before = measure();
  if (before.some((one) => one !== undefined)) await clock.sleep(SAMPLE_MS);
  const after = measure();
  const elapsedNs = (clock.monotonic() - startMs) * 1e6;
  const memory = [...pids.values()].map(residentBytes);
  return new Map(
    [...pids].map(([uid, pid], index) => {
      const [from, to] = [before[index], after[index]];
      return [
        uid,
        { pid, cpuPercent: from === undefined || to === undefined || elapsedNs <= 0 ? undefined : (100 * (to - from)) / elapsedNs, memoryBytes: memory[index] },
      ];
    }),
  );
}

/** From the runtime's record: <runtime>/<pod uid>/<container>.<attempt>.json. */
function pidOf(home: HomePaths, pod: Pod): number | undefined {
  const running = pod.status?.containerStatuses?.find(({ state }) => state?.running);
  const match = /^drover:\/\/([^/]+)\/([^/]+)\/(\d+)$/.exec(running?.containerID ?? '');
  if (!match) return undefined;
  try {
    const stored: unknown = JSON.parse(readFileSync(join(home.runtime, match[1] ?? '', `${match[2]}.${match[3]}.json`), 'utf8'));
    const record = (stored as { readonly record?: { readonly pid?: unknown } }).record;
    return typeof record?.pid === 'number' ? record.pid : undefined;
  } catch {
    // It ended between the two reads, or this home is another user's: the list shows it without.
    return undefined;
  }
}

/** CPU time of all threads, to the nanosecond (/proc/<pid>/stat counts in 10 ms). */
function cpuNanoseconds(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
      .reduce((sum, time) => sum + time, 0);
  } catch {
    return undefined;
  }
}

function residentBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
  } catch {
    return undefined;
  }
}
