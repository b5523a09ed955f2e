import { constants, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';

const CHUNK_BYTES = 64 * 1024;

export interface FifoReader {
  /** Reads what is in the pipe now, without waiting; at most `limitBytes`. */
  drain(limitBytes: number): void;
  close(): void;
}

/**
 * Reads a named pipe through the event loop (epoll, no thread pool). `scratch` is shared by all readers: `onData` must be done with the bytes when it
 * returns. `onEnd` is called once no process has the pipe open for writing.
 */
export function openFifo(path: string, scratch: Buffer, onData: (bytes: Uint8Array) => void, onEnd: () => void): FifoReader {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const socket = new Socket({
    fd,
    readable: true,
    writable: false,
    onread: {
      buffer: scratch,
      callback(count: number, bytes: Uint8Array) {
        onData(bytes.subarray(0, count));
        return true;
      },
    },
  } as ConstructorParameters<typeof Socket>[0]);
  let open = true;
  socket.once('end', onEnd);
  // Reading a pipe fails only when the descriptor is bad; then there is nothing more to read.
  socket.once('error', onEnd);
  socket.resume();
  return {
    drain(limitBytes) {
      for (let total = 0; open && total < limitBytes; ) {
        let count: number;
        try {
          count = readSync(fd, scratch, 0, CHUNK_BYTES, null);
        } catch {
          return;
        }
        if (count === 0) return;
        total += count;
        onData(scratch.subarray(0, count));
      }
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
