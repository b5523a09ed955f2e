import { accessSync, chownSync, closeSync, constants, lstatSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const MEMORY_DIRECTORY = '/dev/shm';

/**
 * The small files through which replicas that share a listening socket keep pace with each other (src/inject/turns.cjs). They live in memory where the
 * system has such a place: a write to a disk may wait for the disk. The shim only makes and removes them; a successor finds the same ones.
 */
export class TurnFiles {
  readonly #directory: string;

  /** `name` is unique on the machine; `fallback` is a directory of this home. */
  constructor(name: string, fallback: string) {
    this.#directory = isWritable(MEMORY_DIRECTORY) ? join(MEMORY_DIRECTORY, name) : fallback;
  }

  #path(host: string, port: number): string {
    return join(this.#directory, `${port}-${host.replaceAll(':', '_')}`);
  }

  /** The file of an address, made if need be and given to the user that runs the replica; undefined when it cannot be: they do without. */
  open(host: string, port: number, owner?: { readonly uid?: number }): string | undefined {
    const path = this.#path(host, port);
    try {
      // Others may pass through to the file that is theirs, and see no names.
      mkdirSync(this.#directory, { recursive: true, mode: 0o711 });
      // Anybody may write to the directory for memory: one of this name that is not ours is left alone.
      const { uid } = lstatSync(this.#directory);
      if (uid !== process.getuid?.()) return undefined;
      closeSync(openSync(path, 'a', 0o600));
      if (owner?.uid !== undefined) chownSync(path, owner.uid, -1);
      return path;
    } catch {
      return undefined;
    }
  }

  remove(host: string, port: number): void {
    rmSync(this.#path(host, port), { force: true });
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
