import { readFile, writeFile } from 'node:fs/promises';
import type { JournalContent, JournalRecord } from '../journal.ts';
import { FILE_HEADER_BYTES, headerMatches, type StateFile, setAside, stateFiles } from './files.ts';
import { decodeRecords } from './record.ts';
import { snapshotIsWhole } from './snapshot.ts';

export interface LoadedState extends JournalContent {
  readonly lastRevision: number;
  /** The log to go on writing, with its good bytes; undefined when a new one must be begun. */
  readonly log: { readonly file: StateFile; readonly bytes: number } | undefined;
}

/**
 * Reads the newest whole snapshot and every write after it. Damage is reported, kept aside, and the state is the one at the last good revision:
 * an unfinished record at the end is what a crash leaves behind; anything else damaged ends the history there.
 */
export async function loadState(directory: string, onProblem: (message: string) => void): Promise<LoadedState> {
  const files = await stateFiles(directory);
  const snapshot = await newestSnapshot(files, onProblem);
  const tail: JournalRecord[] = [];
  let last = snapshot.revision;
  let log: LoadedState['log'];
  const logs = files.filter((file) => file.type === 'log');
  for (const [index, file] of logs.entries()) {
    if ((logs[index + 1]?.revision ?? Number.POSITIVE_INFINITY) <= snapshot.revision) continue;
    const data = await readFile(file.path);
    if (!headerMatches(data, file)) {
      // A log whose very header is unfinished never held an acknowledged write.
      onProblem(`${file.path}: not a whole log (${data.length} bytes); moved to ${await setAside(file.path)}`);
      if (data.length > FILE_HEADER_BYTES) break;
      continue;
    }
    if (file.revision > last) {
      onProblem(`${file.path}: begins after revision ${file.revision}, but the last good one is ${last}; moved to ${await setAside(file.path)}`);
      continue;
    }
    const { records, goodBytes, damage } = decodeRecords(data, FILE_HEADER_BYTES);
    for (const record of records) {
      if (record.revision <= last) continue;
      tail.push(record);
      last = record.revision;
    }
    log = { file, bytes: goodBytes };
    if (!damage) continue;
    const kept = `${file.path}.damaged-at-${goodBytes}`;
    await writeFile(kept, data.subarray(goodBytes), { mode: 0o600 });
    onProblem(`${file.path}: ${damage} after byte ${goodBytes}; opened at revision ${last}, the rest is kept in ${kept}`);
    for (const later of logs.slice(index + 1)) onProblem(`${later.path}: follows a damaged log and is left out; moved to ${await setAside(later.path)}`);
    break;
  }
  return { base: snapshot.base, baseRevision: snapshot.revision, tail, lastRevision: last, log };
}

async function newestSnapshot(
  files: readonly StateFile[],
  onProblem: (message: string) => void,
): Promise<{ readonly revision: number; readonly base: JournalContent['base'] }> {
  for (const file of files.filter((one) => one.type === 'snapshot').reverse()) {
    const data = await readFile(file.path);
    const { records, damage } = headerMatches(data, file) ? decodeRecords(data, FILE_HEADER_BYTES) : { records: [], damage: 'a wrong header' };
    if (!damage && snapshotIsWhole(records)) {
      return {
        revision: file.revision,
        base: records.slice(0, -1).map(({ key, revision, json }) => ({ key, revision, json, object: JSON.parse(json.toString()) })),
      };
    }
    onProblem(`${file.path}: damaged (${damage ?? 'its end is missing'}); using the snapshot before it; moved to ${await setAside(file.path)}`);
  }
  return { revision: 0, base: [] };
}
