import type { KubeObject } from '../apimachinery/index.ts';

/** One write on its way to the disk. `json` is the serialised object as it will be stored (for deletions: the last state). */
export interface JournalRecord {
  readonly type: 'put' | 'delete';
  readonly key: string;
  readonly revision: number;
  readonly json: Buffer;
}

/** Where writes are made durable. */
export interface Journal {
  /** Resolves once every record is durable; rejects when none of them may be taken as written. Called one at a time. */
  append(records: readonly JournalRecord[]): Promise<void>;
  /** Called after an append was applied, with a way to see the whole state, so that the journal can shorten itself. */
  appended?(state: () => Iterable<JournalRecord>, revision: number): void;
  close(): Promise<void>;
}

/** What a journal held when it was opened. */
export interface JournalContent {
  /** State at `baseRevision`. */
  readonly base: Iterable<{ readonly key: string; readonly revision: number; readonly object: KubeObject; readonly json: Buffer }>;
  readonly baseRevision: number;
  /** Writes after it, in order. */
  readonly tail: Iterable<JournalRecord>;
}
