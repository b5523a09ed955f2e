import { isNotFound, type KubeObject, StatusError } from '../apimachinery/index.ts';
import type { Event, ObjectReference, ResourceRef } from '../kinds/index.ts';
import { type Clock, type Closable, errorText, rfc3339 } from '../std/index.ts';
import { Backoff } from './backoff.ts';
import type { ApiClient, EventRecorder } from './contract.ts';
import { EventCorrelator } from './event-correlator.ts';

export interface EventRecorderOptions {
  /** Who tells: kubelet, deployment-controller, … */
  readonly component: string;
  readonly clock: Clock;
  /** The node's name. */
  readonly host: string;
  /** Told of events that could not be written. Default: a line on stderr. */
  readonly onError?: (error: unknown) => void;
}

const EVENTS: ResourceRef = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };
const MESSAGE_LIMIT = 1_024;
const QUEUE_LIMIT = 1_000;
const TRIES = 12;
/** How long closing waits for events that are still to be written. */
const CLOSE_LIMIT_MS = 2_000;

interface Pending {
  readonly about: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly action?: string;
  readonly related?: ObjectReference;
  readonly nowMs: number;
}

const referenceTo = (object: KubeObject, fieldPath?: string): ObjectReference => {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    ...(name ? { name } : {}),
    ...(namespace ? { namespace } : {}),
    ...(uid ? { uid } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
    ...(fieldPath ? { fieldPath } : {}),
  };
};

const shortened = (text: string): string => (text.length > MESSAGE_LIMIT ? `${text.slice(0, MESSAGE_LIMIT - 3)}...` : text);

/** Writes core/v1 Events one after another, in the order in which they were told; when too many wait the oldest are dropped, and that is told once. */
class ApiEventRecorder implements EventRecorder, Closable {
  readonly #client: ApiClient;
  readonly #options: EventRecorderOptions;
  readonly #correlator = new EventCorrelator();
  readonly #waiting: Pending[] = [];
  readonly #abort = new AbortController();
  #worker: Promise<void> | undefined;
  #sequence = 0;
  #dropped = 0;

  constructor(client: ApiClient, options: EventRecorderOptions) {
    this.#client = client;
    this.#options = options;
  }

  event: EventRecorder['event'] = (about, type, reason, message, options = {}) => {
    if (this.#abort.signal.aborted) return;
    if (this.#waiting.length >= QUEUE_LIMIT) {
      this.#waiting.shift();
      this.#dropped++;
    }
    this.#waiting.push({
      about: referenceTo(about, options.fieldPath),
      type,
      reason: reason.slice(0, 128),
      message: shortened(message),
      nowMs: this.#options.clock.now(),
      ...(options.action ? { action: options.action } : {}),
      ...(options.related ? { related: referenceTo(options.related) } : {}),
    });
    this.#worker ??= this.#work();
  };

  async #work(): Promise<void> {
    // The caller goes on first: telling an event must cost it nothing.
    await Promise.resolve();
    for (let next = this.#waiting.shift(); next && !this.#abort.signal.aborted; next = this.#waiting.shift()) await this.#write(next);
    if (this.#dropped > 0) {
      this.#fail(new Error(`${this.#dropped} events were dropped because more than ${QUEUE_LIMIT} waited to be written`));
      this.#dropped = 0;
    }
    this.#worker = undefined;
  }

  async #write(pending: Pending): Promise<void> {
    const { about, type, reason, nowMs } = pending;
    const objectKey = JSON.stringify([about.kind, about.namespace, about.name, about.uid]);
    const similarKey = JSON.stringify([objectKey, about.fieldPath, type, reason]);
    const decision = this.#correlator.correlate({ similarKey, objectKey, message: pending.message }, nowMs);
    if (decision.action === 'drop') return;
    const events = this.#client.dynamic(EVENTS);
    const { signal } = this.#abort;
    const create = async (count: number): Promise<Event> => (await events.create(this.#newEvent(pending, decision.message, count), { signal })) as Event;
    await this.#persist(async () => {
      if (decision.action === 'create') return decision.remember(await create(1));
      const { name = '', namespace } = decision.written.metadata;
      const change = { count: decision.count, lastTimestamp: rfc3339(nowMs), message: decision.message };
      try {
        decision.remember((await events.patch(name, namespace, change, { type: 'merge', signal })) as Event);
      } catch (error) {
        // Expired or deleted meanwhile: it starts again with the count it has reached.
        if (!isNotFound(error)) throw error;
        decision.remember(await create(decision.count));
      }
    });
  }

  /** Tries until the server has answered; an answer that refuses the event is final. */
  async #persist(write: () => Promise<void>): Promise<void> {
    const backoff = new Backoff({ baseMs: 200, maxMs: 10_000, random: () => 0 });
    for (let round = 1; ; round++) {
      try {
        return await write();
      } catch (error) {
        if (this.#abort.signal.aborted || namespaceIsGoing(error)) return;
        const passing = !(error instanceof StatusError) || error.code >= 500 || error.code === 429;
        if (!passing || round >= TRIES) return this.#fail(error);
        await this.#options.clock.sleep(backoff.next(), this.#abort.signal).catch(() => undefined);
      }
    }
  }

  #newEvent(pending: Pending, message: string, count: number): Event {
    const { component, host } = this.#options;
    const { about, nowMs } = pending;
    // Unique within this process: the time in nanoseconds as Kubernetes names events, with a counter for the part that the clock lacks.
    const suffix = (BigInt(nowMs) * 1_000_000n + BigInt(this.#sequence++ % 1_000_000)).toString(16);
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${about.name ?? 'unknown'}.${suffix}`, namespace: about.namespace ?? 'default' },
      involvedObject: about,
      type: pending.type,
      reason: pending.reason,
      message,
      count,
      firstTimestamp: rfc3339(nowMs),
      lastTimestamp: rfc3339(nowMs),
      source: { component, host },
      reportingComponent: component,
      reportingInstance: host,
      ...(pending.action ? { action: pending.action } : {}),
      ...(pending.related ? { related: pending.related } : {}),
    };
  }

  #fail(error: unknown): void {
    if (this.#options.onError) this.#options.onError(error);
    else console.error(`events of ${this.#options.component}: ${errorText(error)}`);
  }

  /** Writes what waits for up to 2 s; the rest is given up. */
  async close(): Promise<void> {
    const { clock } = this.#options;
    let limit: ReturnType<Clock['after']> | undefined;
    if (this.#worker) await Promise.race([this.#worker, new Promise<void>((resolve) => (limit = clock.after(CLOSE_LIMIT_MS, resolve)))]);
    limit?.close();
    this.#abort.abort(new Error('the event recorder is closed'));
    this.#waiting.length = 0;
    await this.#worker;
  }
}

/** What happens in a namespace that is being deleted is nobody's news any more. */
const namespaceIsGoing = (error: unknown): boolean =>
  error instanceof StatusError &&
  ((error.code === 403 && error.message.includes('being terminated')) || (error.code === 404 && error.message.startsWith('namespaces ')));

/** Writes Events about objects, aggregated and limited as Kubernetes does. `event` never throws and never waits. */
export const createEventRecorder = (client: ApiClient, options: EventRecorderOptions): EventRecorder & Closable => new ApiEventRecorder(client, options);
