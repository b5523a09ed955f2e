import { open } from 'node:fs/promises';
import type { Pod } from '../../kinds/index.ts';
import type { ContainerRecord } from '../../runtimes/index.ts';
import { lastLogLines } from '../logs/tail.ts';
import { terminationFile } from './container-config.ts';
import type { ContainerTrack } from './container-track.ts';

const MAX_MESSAGE_BYTES = 4_096;
const MAX_LOG_BYTES = 2_048;
const MAX_LOG_LINES = 80;

/** The message of an ended run: what it wrote to its termination file, else (when asked for, and it failed) the end of its log. Empty when there is none. */
export async function lastWords(pod: Pod, track: ContainerTrack, record: ContainerRecord, podsDirectory: string): Promise<string> {
  const written = await firstBytes(terminationFile(podsDirectory, pod.metadata.uid ?? '', track.name, record.attempt), MAX_MESSAGE_BYTES);
  if (written !== '' || track.spec.terminationMessagePolicy !== 'FallbackToLogsOnError' || record.exitCode === 0) return written;
  return lastLogLines(record.logPath, { maxBytes: MAX_LOG_BYTES, maxLines: MAX_LOG_LINES });
}

async function firstBytes(path: string, limit: number): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (!file) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(limit), 0, limit, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
