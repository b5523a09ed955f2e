import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { freezeDeep, type KubeObject } from '../../apimachinery/index.ts';
import type { ListOptions, ListPage, ObjectStore, StoredObject, StoreEvent, StoreWatch } from '../../storage/index.ts';

/** What is stored instead of an object whose kind is encrypted. Only what the store itself needs stays readable. */
interface Sealed extends KubeObject {
  readonly sealed: string;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A stored object cannot be decrypted: the key is another one, or the stored bytes were changed. */
export class DecryptionError extends Error {
  readonly code = 'ERR_DECRYPTION';
}

const isSealed = (object: KubeObject): object is Sealed => 'sealed' in object;

/**
 * A store whose objects under `prefix` are encrypted at rest with AES-256-GCM, bound to their key so that none can be put in another's place. Objects that
 * were stored before are read as they are. Everything else passes through.
 */
export function encryptedStore(store: ObjectStore, prefix: string, secret: Buffer): ObjectStore {
  const opened = new WeakMap<StoredObject, StoredObject>();

  function seal(key: string, object: KubeObject): KubeObject {
    if (!key.startsWith(prefix)) return object;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, secret, nonce).setAAD(Buffer.from(key));
    const content = Buffer.concat([cipher.update(JSON.stringify(object)), cipher.final()]);
    const { name, namespace } = object.metadata;
    const metadata = { ...(name ? { name } : {}), ...(namespace ? { namespace } : {}) };
    const sealed: Sealed = {
      apiVersion: object.apiVersion,
      kind: object.kind,
      metadata,
      sealed: Buffer.concat([nonce, cipher.getAuthTag(), content]).toString('base64'),
    };
    return sealed;
  }

  function open(item: StoredObject): StoredObject {
    if (!isSealed(item.object)) return item;
    const known = opened.get(item);
    if (known) return known;
    const object = unseal(item.key, item.object, secret);
    let json: Buffer | undefined;
    const plain: StoredObject = {
      key: item.key,
      revision: item.revision,
      object,
      json() {
        json ??= Buffer.from(JSON.stringify(object));
        return json;
      },
    };
    opened.set(item, plain);
    return plain;
  }

  const openEvent = (event: StoreEvent): StoreEvent =>
    event.current.key.startsWith(prefix) ? { ...event, current: open(event.current), previous: event.previous && open(event.previous) } : event;

  function openWatch(watch: StoreWatch): StoreWatch {
    return {
      close: () => watch.close(),
      events: {
        async *[Symbol.asyncIterator]() {
          for await (const event of watch.events) yield openEvent(event);
        },
      },
    };
  }

  return {
    get revision() {
      return store.revision;
    },
    get(key) {
      const item = store.get(key);
      return item && open(item);
    },
    list(under, options?: ListOptions): ListPage {
      const page = store.list(under, options);
      return concerns(under, prefix) ? { ...page, items: page.items.map(open) } : page;
    },
    count: (under) => store.count(under),
    create: async (key, object) => open(await store.create(key, seal(key, object))),
    update: async (key, object, expected) => open(await store.update(key, seal(key, object), expected)),
    delete: async (key, expected) => open(await store.delete(key, expected)),
    watch(under, options) {
      const watch = store.watch(under, options);
      return concerns(under, prefix) ? openWatch(watch) : watch;
    },
    compact: (revision) => store.compact(revision),
    close: () => store.close(),
  };
}

/** Whether anything under one prefix can be under the other. */
const concerns = (under: string, prefix: string): boolean => under.startsWith(prefix) || prefix.startsWith(under);

function unseal(key: string, { sealed, metadata }: Sealed, secret: Buffer): KubeObject {
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const decipher = createDecipheriv(CIPHER, secret, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(key))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString();
    const object = JSON.parse(text) as KubeObject;
    const { resourceVersion } = metadata;
    return freezeDeep({ ...object, metadata: { ...object.metadata, ...(resourceVersion ? { resourceVersion } : {}) } });
  } catch (error) {
    throw new DecryptionError(`${key}: cannot be decrypted: pki/secrets.key is not the key it was stored with, or the stored data was changed`, {
      cause: error,
    });
  }
}
