import { constants, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Clock } from '../../../std/index.ts';

const CHUNK_BYTES = 64 * 1024;
/**
 * A writer of many small lines would wake its reader for each of them. When little came and the last read was just before, reading pauses this long, so
 * that the pipe gathers: a million lines then cost a few thousand reads instead of 400,000. A pipe is never full within it at less than 64 MB/s.
 */
const GATHER_MS = 1;
const LITTLE_BYTES = 16 * 1024;
const JUST_BEFORE_MS = 3;

export interface FifoReader {
  /** Reads what is in the pipe now, without waiting; at most `limitBytes`. True when no process has the pipe open for writing any more. */
  drain(limitBytes: number): boolean;
  close(): void;
}

/**
 * Reads a named pipe through the event loop (epoll, no thread pool). `scratch` is shared by all readers: `onData` must be done with the bytes when it
 * returns. `onEnd` is called once no process has the pipe open for writing.
 */
export function openFifo(
  path: string,
  parts: { readonly scratch: Buffer; readonly clock: Clock },
  onData: (bytes: Uint8Array) => void,
  onEnd: () => void,
): FifoReader {
  const { scratch, clock } = parts;
  let lastMs = Number.NEGATIVE_INFINITY;
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let open = true;
  const socket: Socket = new Socket({
    fd,
    readable: true,
    writable: false,
    onread: {
      buffer: scratch,
      callback(count: number, bytes: Uint8Array) {
        onData(bytes.subarray(0, count));
        const nowMs = clock.monotonic();
        const isBusy = nowMs - lastMs < JUST_BEFORE_MS;
        lastMs = nowMs;
        if (!isBusy || count > LITTLE_BYTES) return true;
        clock.after(GATHER_MS, () => {
          if (open) socket.resume();
        });
        return false;
      },
    },
  } as ConstructorParameters<typeof Socket>[0]);
  let isOver = false;
  socket.once('end', () => {
    isOver = true;
    onEnd();
  });
  // Reading a pipe fails only when the descriptor is bad; then there is nothing more to read.
  socket.once('error', onEnd);
  socket.resume();
  return {
    drain(limitBytes) {
      // The descriptor is closed by itself at the end.
      if (isOver) return true;
      for (let total = 0; open && total < limitBytes; ) {
        let count: number;
        try {
          count = readSync(fd, scratch, 0, CHUNK_BYTES, null);
        } catch {
          return false;
        }
        if (count === 0) return true;
        total += count;
        onData(scratch.subarray(0, count));
      }
      return false;
    },
    close() {
      open = false;
      socket.removeAllListeners('end');
      socket.destroy();
    },
  };
}

/** The buffer to share among readers. */
export const createScratch = (): Buffer => Buffer.allocUnsafeSlow(CHUNK_BYTES);
