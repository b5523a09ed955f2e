import type { EventEmitter } from 'node:events';

/** Resolves when a stream can take more or is closed, and leaves no listener behind. */
export const drained = (stream: EventEmitter): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'close', 'error']) stream.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stream.once(event, done);
  });
