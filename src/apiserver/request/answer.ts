import type { KubeObject, WatchEvent } from '../../apimachinery/index.ts';

/** One event of a watch and its line on the wire, built once however many watchers read it. */
export interface WatchFrame {
  readonly event: WatchEvent<KubeObject>;
  readonly line: () => Buffer;
}

/** An object to send. `json` gives the serialised form when pieces of it are already there. */
export interface ObjectAnswer {
  readonly type: 'object';
  readonly status: number;
  readonly object: unknown;
  readonly json?: () => readonly Buffer[];
  readonly headers?: { readonly [name: string]: string };
  /** Default application/json. */
  readonly contentType?: string;
}

export interface TextAnswer {
  readonly type: 'text';
  readonly status: number;
  readonly text: string | Buffer;
  readonly contentType: string;
  readonly headers?: { readonly [name: string]: string };
}

interface WatchAnswer {
  readonly type: 'watch';
  readonly frames: AsyncIterable<WatchFrame>;
  readonly contentType?: string;
}

/** Bytes of unknown length, sent as they come. */
interface StreamAnswer {
  readonly type: 'stream';
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly contentType: string;
}

/** The handler took the connection over and answers on it by itself. */
interface HijackedAnswer {
  readonly type: 'hijacked';
}

export type Answer = ObjectAnswer | TextAnswer | WatchAnswer | StreamAnswer | HijackedAnswer;

export const objectAnswer = (status: number, object: unknown): ObjectAnswer => ({ type: 'object', status, object });
export const textAnswer = (status: number, text: string): TextAnswer => ({ type: 'text', status, text, contentType: 'text/plain; charset=utf-8' });

/** The status code that an answer is counted and logged under. */
export const answerStatus = (answer: Answer): number => ('status' in answer ? answer.status : answer.type === 'hijacked' ? 101 : 200);
