/** An endpoint as the balancer counts it. */
export interface EndpointState {
  readonly address: string;
  /** Connections given to it, aligned with the others when it joins or comes back. */
  picks: number;
  /** Connections open now. */
  active: number;
  /** Failures in a row. */
  failures: number;
  /** It is passed over until then, unless nothing else is left. */
  downUntilMs: number;
}

interface Affinity {
  readonly address: string;
  untilMs: number;
}

const FIRST_PENALTY_MS = 100;
const LAST_PENALTY_MS = 5_000;
const AFFINITY_LIMIT = 20_000;

/**
 * Chooses endpoints of one Service port: the one with the fewest connections given so far (round robin), of those the one with the fewest open
 * (least connections). Endpoints that refused lately are chosen only when all the others were tried.
 */
export class Balancer {
  #endpoints = new Map<string, EndpointState>();
  #affinity = new Map<string, Affinity>();
  #waiting = new Set<() => void>();

  get size(): number {
    return this.#endpoints.size;
  }

  /** Replaces the endpoints. Those that stay keep their counts; new ones start level with the least used. Wakes who waits for one. */
  update(addresses: readonly string[]): void {
    const next = new Map<string, EndpointState>();
    const kept = addresses.flatMap((address) => this.#endpoints.get(address) ?? []);
    const level = kept.reduce((least, endpoint) => Math.min(least, endpoint.picks), Number.POSITIVE_INFINITY);
    for (const address of addresses) {
      next.set(
        address,
        this.#endpoints.get(address) ?? { address, picks: level === Number.POSITIVE_INFINITY ? 0 : level, active: 0, failures: 0, downUntilMs: 0 },
      );
    }
    this.#endpoints = next;
    if (next.size > 0) this.wake();
  }

  /** The endpoint for a new connection, counted as given; undefined when every one of them is in `tried`. */
  pick(options: {
    readonly nowMs: number;
    readonly tried: ReadonlySet<string>;
    readonly client?: string;
    readonly affinitySeconds?: number;
  }): EndpointState | undefined {
    const { nowMs, tried, client, affinitySeconds } = options;
    const sticky = client !== undefined && affinitySeconds !== undefined;
    if (sticky) {
      const bound = this.#affinity.get(client);
      const endpoint = bound && bound.untilMs > nowMs && !tried.has(bound.address) ? this.#endpoints.get(bound.address) : undefined;
      if (endpoint) return this.#give(endpoint, { client, untilMs: nowMs + affinitySeconds * 1000 });
    }
    let best: EndpointState | undefined;
    for (const endpoint of this.#endpoints.values()) {
      if (!tried.has(endpoint.address) && (best === undefined || isBetter(endpoint, best, nowMs))) best = endpoint;
    }
    return best && this.#give(best, sticky ? { client, untilMs: nowMs + affinitySeconds * 1000 } : undefined);
  }

  /** A connection could not be made: the endpoint leaves the rotation for a moment, longer each time. */
  failed(endpoint: EndpointState, nowMs: number): void {
    endpoint.failures += 1;
    endpoint.downUntilMs = nowMs + Math.min(LAST_PENALTY_MS, FIRST_PENALTY_MS * 2 ** (endpoint.failures - 1));
  }

  /** A connection was made: it is back, level with the least used of the others, so that it gets no burst. */
  succeeded(endpoint: EndpointState): void {
    if (endpoint.failures === 0) return;
    endpoint.failures = 0;
    endpoint.downUntilMs = 0;
    let level = Number.POSITIVE_INFINITY;
    for (const other of this.#endpoints.values()) if (other !== endpoint && other.failures === 0) level = Math.min(level, other.picks);
    if (level !== Number.POSITIVE_INFINITY) endpoint.picks = Math.max(endpoint.picks, level);
  }

  /** Calls `run` once at the next update that leaves an endpoint. Returns how to give up. */
  onChange(run: () => void): () => void {
    this.#waiting.add(run);
    return () => this.#waiting.delete(run);
  }

  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const run of waiting) run();
  }

  #give(endpoint: EndpointState, bind: { readonly client: string; readonly untilMs: number } | undefined): EndpointState {
    endpoint.picks += 1;
    if (bind) {
      // Deleted first, so that the map stays ordered by last use and the oldest goes when it is full.
      this.#affinity.delete(bind.client);
      this.#affinity.set(bind.client, { address: endpoint.address, untilMs: bind.untilMs });
      const oldest = this.#affinity.size > AFFINITY_LIMIT ? this.#affinity.keys().next().value : undefined;
      if (oldest !== undefined) this.#affinity.delete(oldest);
    }
    return endpoint;
  }
}

function isBetter(a: EndpointState, b: EndpointState, nowMs: number): boolean {
  const aDown = a.downUntilMs > nowMs;
  if (aDown !== b.downUntilMs > nowMs) return !aDown;
  return a.picks !== b.picks ? a.picks < b.picks : a.active < b.active;
}
