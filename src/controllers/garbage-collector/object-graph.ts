import { type KubeObject, keyOf, type OwnerReference, parseApiVersion } from '../../apimachinery/index.ts';
import type { Indexes, Informer, InformerFactory } from '../../client/index.ts';
import type { AnyKind } from '../../kinds/index.ts';

const OWNER_INDEX = 'controllers/owner';

const ownerUids = (object: KubeObject): readonly string[] => (object.metadata.ownerReferences ?? []).map((owner) => owner.uid);

const BY_OWNER: Indexes<KubeObject> = { [OWNER_INDEX]: ownerUids };

/** Objects of one kind that can own or be owned. */
export interface WatchedKind {
  readonly kind: AnyKind;
  readonly informer: Informer<KubeObject>;
}

/** An object, and how to address it. */
export interface Located {
  readonly watched: WatchedKind;
  readonly object: KubeObject;
}

/** Events come and go by themselves; a kind that is another's second face is watched under the first. */
const isWatched = (kind: AnyKind): boolean =>
  kind.storedAs === undefined && kind.plural !== 'events' && ['list', 'watch', 'delete', 'patch'].every((verb) => kind.verbs.includes(verb));

/** Who owns whom, over all kinds. It is nothing but the informers and an index on each. */
export class ObjectGraph {
  readonly kinds: readonly WatchedKind[];
  readonly #byId: ReadonlyMap<string, WatchedKind>;

  constructor(informers: InformerFactory, kinds: readonly AnyKind[]) {
    this.kinds = kinds.filter(isWatched).map((kind) => ({ kind, informer: informers.informer<KubeObject>(kind, BY_OWNER) }));
    this.#byId = new Map(this.kinds.map((watched) => [`${watched.kind.group}/${watched.kind.kind}`, watched]));
  }

  /** The key of an object in the work queue. */
  key(watched: WatchedKind, object: KubeObject): string {
    return `${watched.kind.group}/${watched.kind.kind} ${keyOf(object)}`;
  }

  /** The opposite of `key`: the kind, and the object's own key. */
  parse(key: string): { readonly watched: WatchedKind; readonly objectKey: string } | undefined {
    const space = key.indexOf(' ');
    const watched = this.#byId.get(key.slice(0, space));
    return watched && { watched, objectKey: key.slice(space + 1) };
  }

  /** The kind of an owner, whatever version of it the reference names; undefined when it is not served. */
  kindOf(owner: OwnerReference): WatchedKind | undefined {
    return this.#byId.get(`${parseApiVersion(owner.apiVersion).group}/${owner.kind}`);
  }

  dependents(uid: string): readonly Located[] {
    return this.kinds.flatMap((watched) => watched.informer.byIndex(OWNER_INDEX, uid).map((object) => ({ watched, object })));
  }

  /** The owner as the cache has it; undefined also when another object has taken its name. */
  cachedOwner(owner: OwnerReference, namespace: string | undefined): Located | undefined {
    const watched = this.kindOf(owner);
    if (!watched) return undefined;
    const object = watched.informer.get(owner.name, watched.kind.namespaced ? namespace : undefined);
    return object?.metadata.uid === owner.uid ? { watched, object } : undefined;
  }
}
