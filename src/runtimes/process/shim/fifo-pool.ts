import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const BATCH = 24;
const LOW = 8;

/**
 * Named pipes made in advance. Node cannot make one by itself, and a helper program per container would cost a fork in the path of every start:
 * one batch is made ahead of need, and taking one is a rename.
 */
export class FifoPool {
  readonly #directory: string;
  #ready: string[] = [];
  #serial = 0;
  #refilling = false;

  constructor(directory: string) {
    this.#directory = directory;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#refill();
  }

  /** Moves a pipe to `path`, replacing what is there. */
  take(path: string): void {
    const ready = this.#ready.pop() ?? this.#makeNow();
    renameSync(ready, path);
    if (this.#ready.length < LOW) this.#refill();
  }

  #names(count: number): string[] {
    return Array.from({ length: count }, () => join(this.#directory, String(this.#serial++)));
  }

  #makeNow(): string {
    const [name] = this.#names(1);
    execFileSync('mkfifo', ['-m', '600', name!]);
    return name!;
  }

  #refill(): void {
    if (this.#refilling) return;
    this.#refilling = true;
    const names = this.#names(BATCH);
    const maker = spawn('mkfifo', ['-m', '600', ...names], { stdio: 'ignore' });
    const done = (made: boolean) => {
      this.#refilling = false;
      if (made) this.#ready.push(...names);
    };
    // Without the helper `take` makes one by one and then says what is wrong.
    maker.once('error', () => done(false));
    maker.once('exit', (code) => done(code === 0));
  }
}
