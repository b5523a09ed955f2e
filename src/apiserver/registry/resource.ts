import { deepEqual, freezeDeep, type KubeObject, notFound, type StatusError, type Subject } from '../../apimachinery/index.ts';
import { type AnyKind, apiVersionOf } from '../../kinds/index.ts';
import type { ListOptions, ListPage, ObjectStore, StoredObject, StoreEvent, StoreWatch } from '../../storage/index.ts';

/** One kind's place in the store, and the way to and from the form it is stored in. */
export class Resource {
  readonly kind: AnyKind;
  readonly subject: Subject;
  readonly apiVersion: string;
  readonly #store: ObjectStore;
  readonly #root: string;
  /** Objects up to here may have been written by an older program. */
  readonly #startRevision: number;
  readonly #converted = new WeakMap<StoredObject, StoredObject>();

  constructor(kind: AnyKind, store: ObjectStore) {
    this.kind = kind;
    this.#store = store;
    this.#startRevision = store.revision;
    this.subject = { group: kind.group, resource: kind.plural };
    this.apiVersion = apiVersionOf(kind);
    const home = kind.storedAs ?? kind;
    this.#root = `/${home.group || 'core'}/${home.plural}/`;
  }

  get revision(): number {
    return this.#store.revision;
  }

  /** Everything of the kind, or of one namespace. */
  prefix(namespace: string): string {
    return this.kind.namespaced && namespace ? `${this.#root}${namespace}/` : this.#root;
  }

  key(namespace: string, name: string): string {
    return this.prefix(namespace) + name;
  }

  get(namespace: string, name: string): StoredObject | undefined {
    const found = this.#store.get(this.key(namespace, name));
    return found && this.#read(found);
  }

  /** As `get`, or 404. */
  require(namespace: string, name: string): StoredObject {
    const found = this.get(namespace, name);
    if (!found) throw this.notFound(name);
    return found;
  }

  notFound(name: string): StatusError {
    return notFound(this.subject, name);
  }

  list(namespace: string, options?: ListOptions): ListPage {
    const page = this.#store.list(this.prefix(namespace), options);
    return { ...page, items: page.items.map((item) => this.#read(item)) };
  }

  count(namespace: string): number {
    return this.#store.count(this.prefix(namespace));
  }

  watch(namespace: string, sinceRevision: number | undefined): StoreWatch {
    return this.#store.watch(this.prefix(namespace), sinceRevision === undefined ? {} : { sinceRevision });
  }

  /** An event of the store in this kind's form. */
  event(event: StoreEvent): StoreEvent {
    return { ...event, current: this.#read(event.current), previous: event.previous && this.#read(event.previous) };
  }

  async create(object: KubeObject): Promise<StoredObject> {
    const { namespace = '', name = '' } = object.metadata;
    return this.#read(await this.#store.create(this.key(namespace, name), this.#toStored(object)));
  }

  async update(object: KubeObject, expectedRevision: number): Promise<StoredObject> {
    const { namespace = '', name = '' } = object.metadata;
    return this.#read(await this.#store.update(this.key(namespace, name), this.#toStored(object), expectedRevision));
  }

  async delete(stored: StoredObject): Promise<StoredObject> {
    return this.#read(await this.#store.delete(stored.key, stored.revision));
  }

  #toStored(object: KubeObject): KubeObject {
    return this.kind.storedAs ? this.kind.storedAs.toStored(object) : object;
  }

  /** What an older program stored may lack defaults that this one relies on. */
  #upgraded(object: KubeObject): KubeObject {
    const complete: KubeObject = this.kind.strategy.defaults?.(object) ?? object;
    return complete === object || deepEqual(complete, object) ? object : freezeDeep(complete);
  }

  /** Converted once per stored object, so that its JSON is shared as well. */
  #read(found: StoredObject): StoredObject {
    const { storedAs } = this.kind;
    const old = found.revision <= this.#startRevision;
    if (!storedAs && !old) return found;
    const known = this.#converted.get(found);
    if (known) return known;
    const own: KubeObject = storedAs ? storedAs.fromStored(found.object) : found.object;
    const object = old ? this.#upgraded(own) : own;
    if (object === found.object) {
      this.#converted.set(found, found);
      return found;
    }
    let json: Buffer | undefined;
    const converted: StoredObject = {
      key: found.key,
      revision: found.revision,
      object,
      json() {
        json ??= Buffer.from(JSON.stringify(object));
        return json;
      },
    };
    this.#converted.set(found, converted);
    return converted;
  }
}
