import { connect, type Socket } from 'node:net';
import type { Clock, Timer } from '../../std/index.ts';
import { splitEndpoint } from '../table/route.ts';
import type { Balancer, EndpointState } from './balancer.ts';
import { breakOff } from './break-off.ts';
import { Replay } from './replay.ts';
import type { Slots } from './slots.ts';

export interface ConnectionOptions {
  readonly balancer: Balancer;
  readonly slots: Slots;
  /** Connections that are open; each is in it from its beginning to its end. */
  readonly open: Set<Connection>;
  readonly clock: Clock;
  readonly affinitySeconds?: number;
  /** How long a connection waits for an endpoint that accepts it. */
  readonly waitMs: number;
  /** How long one endpoint has to accept. */
  readonly connectMs: number;
}

/** Bytes taken from a client before an endpoint is there. */
const EARLY_LIMIT_BYTES = 64 * 1024;
/** Read into by all endpoints' sockets, one at a time: each read is copied out before the next. Saves the 64 KiB that Node otherwise takes for each. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);
const KEEPALIVE_MS = 60_000;
const FIRST_PAUSE_MS = 20;
const LAST_PAUSE_MS = 250;
/** A request that ends the endpoint it is sent to must not be carried through all of them. */
const REPEAT_LIMIT = 1;

/**
 * One client's connection.
 *
 *   queued ──slot──▶ connecting ──accepted──▶ spliced ──both ended──▶ closed
 *                     │  ▲    ▲                  │
 *              refused│  │    └──endpoint died before it answered, repeatable
 *                     ▼  │update or pause
 *                    waiting ──waitMs over──▶ closed (reset)
 */
export class Connection {
  readonly #client: Socket;
  readonly #options: ConnectionOptions;
  readonly #deadlineMs: number;
  readonly #replay = new Replay();
  readonly #tried = new Set<string>();
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #clientEnded = false;
  #upstream: Socket | undefined;
  #endpoint: EndpointState | undefined;
  #accepted = false;
  #repeats = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: Timer | undefined;
  #stopWaiting: () => void = () => undefined;
  readonly #leaveLine: () => void;
  #hasSlot = false;
  #closed = false;
  #guarded = false;

  constructor(client: Socket, options: ConnectionOptions) {
    this.#client = client;
    this.#options = options;
    this.#deadlineMs = options.clock.monotonic() + options.waitMs;
    options.open.add(this);
    client.on('data', (chunk: Buffer) => this.#fromClient(chunk));
    client.on('end', () => {
      this.#clientEnded = true;
      if (this.#accepted) this.#upstream?.end();
    });
    client.on('drain', () => this.#upstream?.resume());
    client.on('error', () => this.#close());
    client.on('close', () => this.#close());
    this.#timer = options.clock.after(options.waitMs, () => this.#close());
    this.#leaveLine = options.slots.take(() => {
      this.#hasSlot = true;
      this.#next();
    });
  }

  /** Lets the kernel find a peer that is gone without a word. For connections that last: it costs as much as the rest of a short one's beginning. */
  guard(): void {
    if (this.#guarded) return;
    this.#guarded = true;
    this.#client.setKeepAlive(true, KEEPALIVE_MS);
    this.#upstream?.setKeepAlive(true, KEEPALIVE_MS);
  }

  #fromClient(chunk: Buffer): void {
    if (this.#accepted && this.#upstream) {
      if (this.#replay.recording) this.#replay.note(chunk);
      if (!this.#upstream.write(chunk)) this.#client.pause();
      return;
    }
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes >= EARLY_LIMIT_BYTES) this.#client.pause();
  }

  /** Tries the next endpoint, or waits for one. */
  #next(): void {
    if (this.#closed) return;
    const { balancer, clock, affinitySeconds } = this.#options;
    const client = affinitySeconds === undefined ? undefined : this.#client.remoteAddress;
    const endpoint = balancer.pick({
      nowMs: clock.monotonic(),
      tried: this.#tried,
      ...(client === undefined || affinitySeconds === undefined ? {} : { client, affinitySeconds }),
    });
    if (endpoint) this.#connect(endpoint);
    else this.#wait();
  }

  #wait(): void {
    this.#tried.clear();
    const { balancer, clock } = this.#options;
    this.#timer?.close();
    const leftMs = this.#deadlineMs - clock.monotonic();
    if (leftMs <= 0) {
      this.#close();
      return;
    }
    const resume = () => {
      stop();
      this.#next();
    };
    const leave = balancer.onChange(resume);
    // With endpoints that all refuse, time alone may help; without any, only an update does.
    const pauseMs = balancer.size > 0 ? Math.min(this.#pauseMs, leftMs) : leftMs;
    this.#pauseMs = Math.min(LAST_PAUSE_MS, this.#pauseMs * 2);
    this.#timer = clock.after(pauseMs, resume);
    const stop = () => {
      leave();
      this.#timer?.close();
    };
    this.#stopWaiting = stop;
  }

  #connect(endpoint: EndpointState): void {
    const { balancer, clock, connectMs } = this.#options;
    this.#timer?.close();
    const upstream: Socket = connect({
      ...splitEndpoint(endpoint.address),
      allowHalfOpen: true,
      noDelay: true,
      onread: { buffer: READ_BUFFER, callback: (length) => this.#fromUpstream(upstream, length) },
    });
    this.#upstream = upstream;
    this.#endpoint = endpoint;
    endpoint.active += 1;
    this.#timer = clock.after(connectMs, () => upstream.destroy(new Error('not accepted in time')));
    upstream.on('connect', () => {
      balancer.succeeded(endpoint);
      this.#start(upstream);
    });
    upstream.on('drain', () => this.#client.resume());
    upstream.on('end', () => {
      if (!this.#repeat(upstream)) this.#client.end();
    });
    // Handled by 'close', which follows.
    upstream.on('error', () => undefined);
    upstream.on('close', (hadError: boolean) => {
      endpoint.active -= 1;
      if (upstream !== this.#upstream) return;
      if (!this.#accepted) {
        balancer.failed(endpoint, clock.monotonic());
        this.#tried.add(endpoint.address);
        this.#upstream = undefined;
        this.#next();
      } else if (hadError && !this.#repeat(upstream)) {
        this.#close();
      }
    });
  }

  /** True when the endpoint may go on. */
  #fromUpstream(upstream: Socket, length: number): boolean {
    if (upstream !== this.#upstream) return true;
    if (this.#replay.recording) this.#replay.stop();
    // The buffer is filled anew before this write may have ended.
    return this.#client.write(Buffer.from(READ_BUFFER.subarray(0, length)));
  }

  #start(upstream: Socket): void {
    this.#timer?.close();
    this.#accepted = true;
    const early = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    let flowing = true;
    for (const chunk of early) {
      this.#replay.note(chunk);
      flowing = upstream.write(chunk);
    }
    if (flowing) this.#client.resume();
    else this.#client.pause();
    if (this.#clientEnded) upstream.end();
  }

  /** The endpoint went away before it said anything: true when its part was given to another one. */
  #repeat(upstream: Socket): boolean {
    const said = this.#replay.repeatable();
    const endpoint = this.#endpoint;
    if (this.#closed || said === undefined || endpoint === undefined || this.#client.destroyed) return false;
    if (said.length > 0 && ++this.#repeats > REPEAT_LIMIT) return false;
    // A server may well close a connection on which nothing was said; only a broken one is moved then.
    if (said.length === 0 && (upstream.errored === null || this.#tried.has(endpoint.address))) return false;
    this.#tried.add(endpoint.address);
    this.#upstream = undefined;
    this.#accepted = false;
    upstream.destroy();
    this.#early = said.length > 0 ? [said, ...this.#early] : this.#early;
    this.#earlyBytes = this.#early.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#replay.restart();
    this.#next();
    return true;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.open.delete(this);
    this.#timer?.close();
    this.#stopWaiting();
    if (this.#hasSlot) this.#options.slots.release();
    else this.#leaveLine();
    this.#early = [];
    const ended = this.#client.readableEnded && this.#client.writableFinished;
    // Broken on one side is told as broken to the other, never as a proper end.
    if (!ended) breakOff(this.#client);
    if (this.#upstream && !this.#upstream.destroyed) {
      if (ended) this.#upstream.destroySoon();
      else breakOff(this.#upstream);
    }
  }
}
