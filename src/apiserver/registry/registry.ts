import { type Definitions, unknownResource } from '../../apimachinery/index.ts';
import type { AnyKind } from '../../kinds/index.ts';
import type { Clock } from '../../std/index.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { AdmissionPlugin } from '../admission/plugin.ts';
import { Resource } from './resource.ts';

/** Randomness of the server: given, so that tests know it. */
export interface Randomness {
  /** A new UUID. */
  uuid(): string;
  /** `length` characters of Kubernetes' alphabet for generated names. */
  suffix(length: number): string;
  /** An integer of 0 to below `bound`. */
  below(bound: number): number;
}

/** What handlers work with. */
export interface Registry {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly kinds: readonly AnyKind[];
  readonly definitions: Definitions;
  readonly randomness: Randomness;
  readonly admission: readonly AdmissionPlugin[];
  /** The resource of a path; 404 when no kind serves it. */
  resource(group: string, version: string, plural: string): Resource;
  find(group: string, version: string, plural: string): Resource | undefined;
}

export function createRegistry(parts: Omit<Registry, 'resource' | 'find'>): Registry {
  const resources = new Map<string, Resource>();
  for (const kind of parts.kinds) resources.set(`${kind.group}/${kind.version}/${kind.plural}`, new Resource(kind, parts.store));
  const find = (group: string, version: string, plural: string) => resources.get(`${group}/${version}/${plural}`);
  return {
    ...parts,
    find,
    resource(group, version, plural) {
      const found = find(group, version, plural);
      if (!found) throw unknownResource();
      return found;
    },
  };
}
