import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, replaceFile } from '../../../std/index.ts';
import type { ContainerConfig, ContainerRecord, SandboxConfig } from '../../contract.ts';

/** What is on disk about a container: enough to find its process again, and to say what became of it. */
export interface StoredContainer {
  readonly config: ContainerConfig;
  /** Absent between the first write and the spawn: the process may or may not exist. */
  readonly record?: ContainerRecord;
  /** cgroup directories of the container. */
  readonly cgroups: readonly string[];
}

export interface StoredSandbox {
  readonly config: SandboxConfig;
  /** Mount points that were made on the machine and go when they are still empty. */
  readonly madeMountPoints: readonly string[];
}

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** `<uid>/<name>/<attempt>`, checked: ids become file names. */
export function splitContainerId(id: string): { readonly uid: string; readonly name: string; readonly attempt: string } {
  const [uid, name, attempt, ...rest] = id.split('/');
  if (!uid || !name || !attempt || rest.length > 0 || ![uid, name, attempt].every((part) => SEGMENT.test(part))) {
    throw new Error(`container id ${JSON.stringify(id)}: expected <pod uid>/<container name>/<attempt>`);
  }
  return { uid, name, attempt };
}

/** The shim's memory on disk: `<runtime>/<uid>/sandbox.json` and `<runtime>/<uid>/<name>.<attempt>.json`, each replaced as a whole. */
export class Records {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    mkdirSync(root, { recursive: true, mode: 0o700 });
  }

  directory(uid: string): string {
    if (!SEGMENT.test(uid)) throw new Error(`sandbox id ${JSON.stringify(uid)}: expected letters, digits, dots and dashes`);
    return join(this.#root, uid);
  }

  /** Path of a container's file with another ending: its named pipes lie beside it. */
  containerFile(id: string, ending: 'json' | 'out' | 'err' | 'in'): string {
    const { uid, name, attempt } = splitContainerId(id);
    return join(this.directory(uid), `${name}.${attempt}.${ending}`);
  }

  saveSandbox(sandbox: StoredSandbox): void {
    const directory = this.directory(sandbox.config.id);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    replaceFile(join(directory, 'sandbox.json'), JSON.stringify(sandbox));
  }

  saveContainer(container: StoredContainer): void {
    replaceFile(this.containerFile(container.config.id, 'json'), JSON.stringify(container));
  }

  removeContainer(id: string): void {
    for (const ending of ['json', 'out', 'err', 'in'] as const) rmSync(this.containerFile(id, ending), { force: true });
  }

  removeSandbox(id: string): void {
    rmSync(this.directory(id), { recursive: true, force: true });
  }

  /** Everything that can be read; `unreadable` names the files that cannot, which stay where they are. */
  load(): { readonly sandboxes: StoredSandbox[]; readonly containers: StoredContainer[]; readonly unreadable: string[] } {
    const sandboxes: StoredSandbox[] = [];
    const containers: StoredContainer[] = [];
    const unreadable: string[] = [];
    for (const uid of readdirSync(this.#root)) {
      const directory = join(this.#root, uid);
      if (!existsSync(join(directory, 'sandbox.json'))) continue;
      for (const file of readdirSync(directory)) {
        if (!file.endsWith('.json')) continue;
        const path = join(directory, file);
        if (file === 'sandbox.json') {
          const sandbox = readJson<StoredSandbox>(path);
          if (sandbox?.config) sandboxes.push(sandbox);
          else unreadable.push(path);
        } else {
          const container = readJson<StoredContainer>(path);
          if (container?.config) containers.push(container);
          else unreadable.push(path);
        }
      }
    }
    return { sandboxes, containers, unreadable };
  }
}
