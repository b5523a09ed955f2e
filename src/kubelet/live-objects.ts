import type { Informer, InformerFactory } from '../client/index.ts';
import { type ConfigMap, configMap, type Pod, type Secret, type Service, secret, service } from '../kinds/index.ts';
import { type Clock, type Closable, Closer, type Timer } from '../std/index.ts';
import type { ObjectSources } from './env/container-env.ts';
import { IMAGES_CONFIG_MAP, IMAGES_NAMESPACE, type ImageRegistry, readImageRegistry } from './images/image-registry.ts';

/** What happened to the objects that pods are made from. */
export interface LiveObjectsListener {
  /** A ConfigMap or Secret of this namespace appeared or changed. */
  changed(kind: 'ConfigMap' | 'Secret', namespace: string, name: string): void;
  imagesChanged(): void;
}

export interface LiveObjects extends Closable {
  readonly sources: ObjectSources;
  /** Registered images as of now. */
  readonly registry: () => ImageRegistry;
  readonly synced: (signal: AbortSignal) => Promise<void>;
}

/** ConfigMaps, Secrets and Services as pods see them, and the registered images. */
export function liveObjects(informers: InformerFactory, listener: LiveObjectsListener): LiveObjects {
  const configMaps = informers.informer(configMap);
  const secrets = informers.informer(secret);
  const services = informers.informer(service);
  const closer = new Closer();
  let registry: ImageRegistry | undefined;
  const announce = (kind: 'ConfigMap' | 'Secret', object: ConfigMap | Secret): void => {
    const { namespace = '', name = '' } = object.metadata;
    if (kind === 'ConfigMap' && namespace === IMAGES_NAMESPACE && name === IMAGES_CONFIG_MAP) {
      registry = undefined;
      listener.imagesChanged();
    }
    listener.changed(kind, namespace, name);
  };
  const follow = <T extends ConfigMap | Secret>(informer: Informer<T>, kind: 'ConfigMap' | 'Secret'): void => {
    const tell = (object: T): void => announce(kind, object);
    closer.add(informer.subscribe({ added: tell, updated: tell, deleted: tell }));
  };
  follow(configMaps, 'ConfigMap');
  follow(secrets, 'Secret');
  return {
    sources: {
      configMap: (namespace, name) => configMaps.get(name, namespace),
      secret: (namespace, name) => secrets.get(name, namespace),
      services: (namespace) => services.list(namespace),
      kubernetesService: (): Service | undefined => services.get('kubernetes', 'default'),
    },
    registry: () => (registry ??= readImageRegistry(configMaps.get(IMAGES_CONFIG_MAP, IMAGES_NAMESPACE))),
    async synced(signal) {
      await Promise.all([configMaps.synced(signal), secrets.synced(signal), services.synced(signal)]);
    },
    close: () => closer.close(),
  };
}

/** Whether a pod's mounted files come from this object. */
export function mountsObject(pod: Pod, kind: 'ConfigMap' | 'Secret', name: string): boolean {
  return (pod.spec?.volumes ?? []).some((volume) => {
    const projected = volume.projected?.sources ?? [];
    return kind === 'ConfigMap'
      ? volume.configMap?.name === name || projected.some((one) => one.configMap?.name === name)
      : volume.secret?.secretName === name || projected.some((one) => one.secret?.name === name);
  });
}

/** Calls `run` once for many keys that come in quick succession. */
export class Gather implements Closable {
  readonly #keys = new Set<string>();
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #run: (keys: readonly string[]) => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, delayMs: number, run: (keys: readonly string[]) => void) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#run = run;
  }

  add(key: string): void {
    this.#keys.add(key);
    this.#timer ??= this.#clock.after(this.#delayMs, () => {
      this.#timer = undefined;
      const keys = [...this.#keys];
      this.#keys.clear();
      this.#run(keys);
    });
  }

  close(): void {
    this.#timer?.close();
  }
}
