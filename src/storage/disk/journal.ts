import { type FileHandle, open, rm } from 'node:fs/promises';
import { errorText } from '../../std/index.ts';
import type { Journal, JournalRecord } from '../journal.ts';
import { StoreUnavailableError } from '../store.ts';
import { FILE_HEADER_BYTES, fileHeader, type StateFile, stateFile, stateFiles, syncDirectory, writeFully } from './files.ts';
import { encodeRecord } from './record.ts';
import { writeSnapshot } from './snapshot.ts';

/** A snapshot is taken when the log has grown past this and past twice the size of the last snapshot. */
const SNAPSHOT_AFTER_BYTES = 16 * 1024 * 1024;

export interface DiskJournalOptions {
  readonly directory: string;
  /** The log to go on with, and how many bytes of it are good. A new one is begun when it is left out. */
  readonly log: { readonly file: StateFile; readonly bytes: number } | undefined;
  readonly revision: number;
  readonly onProblem: (message: string) => void;
  readonly snapshotAfterBytes?: number;
}

/** An append-only log, one fdatasync a group, with snapshots that let old logs go. */
export class DiskJournal implements Journal {
  readonly #options: DiskJournalOptions;
  #handle: FileHandle;
  #path: string;
  #bytes: number;
  #snapshotBytes = 0;
  #snapshotting: Promise<void> | undefined;
  /** Set when the end of the file is not known to be good: it is cut back before the next write. */
  #dirtyEnd = false;
  /** Set when the next append shall begin a new log; everything up to this revision is in older files. */
  #rotateAfter: number | undefined;

  private constructor(options: DiskJournalOptions, handle: FileHandle, path: string, bytes: number) {
    this.#options = options;
    this.#handle = handle;
    this.#path = path;
    this.#bytes = bytes;
  }

  static async open(options: DiskJournalOptions): Promise<DiskJournal> {
    if (!options.log) {
      const begun = await beginLog(options.directory, options.revision);
      return new DiskJournal(options, begun.handle, begun.path, FILE_HEADER_BYTES);
    }
    const handle = await open(options.log.file.path, 'r+');
    await handle.truncate(options.log.bytes);
    await handle.datasync();
    return new DiskJournal(options, handle, options.log.file.path, options.log.bytes);
  }

  async append(records: readonly JournalRecord[]): Promise<void> {
    const data = Buffer.concat(records.map(encodeRecord));
    if (this.#rotateAfter !== undefined) await this.#rotate(this.#rotateAfter);
    try {
      if (this.#dirtyEnd) await this.#cutBack();
      await writeFully(this.#handle, data, this.#bytes);
      await this.#handle.datasync();
    } catch (error) {
      this.#dirtyEnd = true;
      await this.#cutBack().catch(() => undefined);
      const why = errorText(error);
      throw new StoreUnavailableError(
        `${this.#path}: the write could not be made durable (${why}); nothing was changed. Free disk space or repair the disk; writes work again by themselves`,
        { cause: error },
      );
    }
    this.#bytes += data.length;
  }

  /** Begins a new log. When that fails the old one simply goes on. */
  async #rotate(revision: number): Promise<void> {
    this.#rotateAfter = undefined;
    try {
      const begun = await beginLog(this.#options.directory, revision);
      await this.#handle.close();
      this.#handle = begun.handle;
      this.#path = begun.path;
      this.#bytes = FILE_HEADER_BYTES;
      this.#dirtyEnd = false;
    } catch (error) {
      this.#options.onProblem(`no new log could be begun, the old one goes on: ${errorText(error)}`);
    }
  }

  async #cutBack(): Promise<void> {
    await this.#handle.truncate(this.#bytes);
    await this.#handle.datasync();
    this.#dirtyEnd = false;
  }

  appended(state: () => Iterable<JournalRecord>, revision: number): void {
    if (this.#snapshotting) return;
    const limit = this.#options.snapshotAfterBytes ?? SNAPSHOT_AFTER_BYTES;
    if (this.#bytes < limit || this.#bytes < 2 * this.#snapshotBytes) return;
    const captured = [...state()];
    this.#rotateAfter = revision;
    this.#snapshotting = this.#snapshot(captured, revision)
      .catch((error: unknown) => this.#options.onProblem(`the state could not be snapshot, the log goes on growing: ${errorText(error)}`))
      .finally(() => {
        this.#snapshotting = undefined;
      });
  }

  /**
   * The snapshot before this one and its logs stay, in case this one is damaged later. A log may go when the log after it begins at or
   * before the oldest state that is kept. A crash anywhere in here leaves a snapshot with every log after it.
   */
  async #snapshot(state: readonly JournalRecord[], revision: number): Promise<void> {
    const { directory } = this.#options;
    await writeSnapshot(stateFile(directory, 'snapshot', revision), state);
    this.#snapshotBytes = state.reduce((sum, record) => sum + record.json.length, 0);
    const files = await stateFiles(directory);
    const snapshots = files.filter((one) => one.type === 'snapshot');
    const oldestKept = snapshots.at(-2)?.revision ?? 0;
    for (const old of snapshots) if (old.revision < oldestKept) await rm(old.path, { force: true });
    const logs = files.filter((one) => one.type === 'log');
    for (const [index, log] of logs.entries()) {
      const next = logs[index + 1];
      if (next && next.revision <= oldestKept) await rm(log.path, { force: true });
    }
    await syncDirectory(directory);
  }

  async close(): Promise<void> {
    await this.#snapshotting;
    await this.#handle.close();
  }
}

async function beginLog(directory: string, revision: number): Promise<{ readonly handle: FileHandle; readonly path: string }> {
  const file = stateFile(directory, 'log', revision);
  const handle = await open(file.path, 'w', 0o600);
  await writeFully(handle, fileHeader('log', revision), 0);
  await handle.datasync();
  await syncDirectory(directory);
  return { handle, path: file.path };
}
