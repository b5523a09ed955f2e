import { type ApiRequest, type KubeObject, StatusError, type Transport, type WatchEvent } from '../apimachinery/index.ts';
import { TransportError } from './transport-error.ts';

type Logged = Extract<WatchEvent<KubeObject>, { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' }>;

/** A model of one collection on an API server, for this room's tests: revisions, pages, watches, compaction, and connections that break on request. */
export class ModelServer implements Transport {
  #revision = 1;
  #compacted = 0;
  #log: { readonly revision: number; readonly event: Logged }[] = [];
  readonly objects = new Map<string, KubeObject>();
  readonly #watches = new Set<{ wake: () => void; end: 'open' | 'ended' | 'broken' | 'gone' }>();
  reachable = true;
  lists = 0;
  watchRequests = 0;
  closed = false;

  put(name: string, uid: string): void {
    const known = this.objects.get(name);
    if (known && known.metadata.uid !== uid) this.remove(name);
    const object = this.#next({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', uid } });
    this.#append(this.objects.has(name) ? 'MODIFIED' : 'ADDED', object);
    this.objects.set(name, object);
  }

  remove(name: string): void {
    const known = this.objects.get(name);
    if (!known) return;
    this.objects.delete(name);
    this.#append('DELETED', this.#next(known));
  }

  #next(object: KubeObject): KubeObject {
    this.#revision++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } };
  }

  #append(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void {
    this.#log.push({ revision: this.#revision, event: { type, object } });
    for (const watch of this.#watches) watch.wake();
  }

  /** Forgets history up to now: older versions are answered with 410. */
  compact(): void {
    this.#compacted = this.#revision;
    this.#log = [];
  }

  /** Ends every open watch in the given way. */
  disconnect(how: 'ended' | 'broken' | 'gone'): void {
    for (const watch of this.#watches) {
      watch.end = how;
      watch.wake();
    }
  }

  async request(request: ApiRequest) {
    this.#checkReachable(request);
    this.lists++;
    await Promise.resolve();
    const all = [...this.objects.values()].sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
    const [from = '0', at = String(this.#revision)] = String(request.query?.['continue'] ?? '0').split('@');
    const limit = Number(request.query?.['limit'] ?? all.length);
    if (Number(at) < this.#revision) return this.#answer(410, goneStatus('the continue token is too old').status);
    const items = all.slice(Number(from), Number(from) + limit);
    const end = Number(from) + limit;
    const metadata = { resourceVersion: at, ...(end < all.length ? { continue: `${end}@${at}` } : {}) };
    return this.#answer(200, { apiVersion: 'v1', kind: 'ConfigMapList', metadata, items });
  }

  #answer(status: number, body: unknown) {
    return { status, headers: {}, body, warnings: [] };
  }

  async *watch(request: ApiRequest): AsyncGenerator<WatchEvent<KubeObject>> {
    this.#checkReachable(request);
    this.watchRequests++;
    let seen = Number(request.query?.['resourceVersion']);
    if (seen < this.#compacted) throw goneStatus('too old resource version');
    let wake = (): void => undefined;
    const watch = { wake: () => wake(), end: 'open' as 'open' | 'ended' | 'broken' | 'gone' };
    this.#watches.add(watch);
    const onAbort = (): void => {
      watch.end = 'ended';
      wake();
    };
    request.signal?.addEventListener('abort', onAbort);
    try {
      for (;;) {
        if (watch.end === 'ended') return;
        if (watch.end === 'broken') throw new TransportError('ERR_API_CONNECTION_LOST', 'lost', { sent: true });
        if (watch.end === 'gone' || seen < this.#compacted) {
          yield { type: 'ERROR', object: goneStatus('too old resource version').status };
          return;
        }
        const next = this.#log.find((entry) => entry.revision > seen);
        if (next) {
          seen = next.revision;
          yield next.event;
        } else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      this.#watches.delete(watch);
      request.signal?.removeEventListener('abort', onAbort);
    }
  }

  stream(): never {
    throw new Error('not needed by this model');
  }

  close(): void {
    this.closed = true;
  }

  #checkReachable(request: ApiRequest): void {
    if (!this.reachable) throw new TransportError('ERR_API_UNREACHABLE', `${request.path}: refused`, { sent: false });
  }
}

const goneStatus = (message: string): StatusError => new StatusError({ code: 410, reason: 'Expired', message });
