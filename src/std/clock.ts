/** A pending timer; closing it twice is harmless. */
export interface Timer {
  close(): void;
}

/** The only source of time and timers. Rooms take it as an argument, so tests can drive it by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds on a clock that never jumps; only differences mean anything. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`. The timer does not keep the process alive. */
  after(delayMs: number, run: () => void): Timer;
  /** Calls `run` every `periodMs` until closed. The timer does not keep the process alive. */
  every(periodMs: number, run: () => void): Timer;
  /** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. Keeps the process alive. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return { close: () => clearTimeout(timer) };
  },
  every(periodMs, run) {
    const timer = setInterval(run, periodMs);
    timer.unref();
    return { close: () => clearInterval(timer) };
  },
  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, delayMs);
      signal?.addEventListener('abort', stop, { once: true });
    });
  },
};

/** `now` as Kubernetes writes times: RFC 3339 with whole seconds, in UTC. */
export const rfc3339 = (epochMs: number): string => `${new Date(epochMs).toISOString().slice(0, 19)}Z`;

/** `now` as Kubernetes writes MicroTime: RFC 3339 with six decimals, in UTC. */
export const rfc3339Micro = (epochMs: number): string => `${new Date(epochMs).toISOString().slice(0, 23)}000Z`;
