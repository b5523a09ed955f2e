import type { Clock } from '../../std/index.ts';
import type { Filter } from '../filters/filter.ts';
import { answerStatus } from '../request/answer.ts';
import { isLongRunning, type RequestInfo, type ResourceRequest } from '../request/request-info.ts';

const BUCKETS_SECONDS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

interface Histogram {
  readonly counts: number[];
  sum: number;
  total: number;
}

/** Figures of the server under Kubernetes' names, so that existing dashboards work. */
export class ApiServerMetrics {
  readonly #requests = new Map<string, number>();
  readonly #durations = new Map<string, Histogram>();
  readonly #longRunning = new Map<string, number>();
  readonly #inFlight = { mutating: 0, readOnly: 0 };
  readonly #clock: Clock;
  readonly #isServed: (info: ResourceRequest) => boolean;

  /** Requests for what is not served are counted together: their names are the client's to invent. */
  constructor(clock: Clock, isServed: (info: ResourceRequest) => boolean) {
    this.#clock = clock;
    this.#isServed = isServed;
  }

  readonly filter: Filter = (next) => async (call) => {
    const started = this.#clock.monotonic();
    const labels = labelsOf(call.info, this.#isServed);
    const long = isLongRunning(call.info);
    const side = ['get', 'list', 'watch'].includes(call.info.verb) ? 'readOnly' : 'mutating';
    if (long) this.#count(this.#longRunning, labels, 1);
    else this.#inFlight[side] += 1;
    try {
      const answer = await next(call);
      this.#count(this.#requests, `${labels},code="${answerStatus(answer)}"`, 1);
      if (answer.type === 'watch') return { ...answer, frames: this.#counted(answer.frames, labels) };
      if (long) this.#count(this.#longRunning, labels, -1);
      return answer;
    } finally {
      if (!long) {
        this.#inFlight[side] -= 1;
        this.#observe(labels, (this.#clock.monotonic() - started) / 1000);
      }
    }
  };

  /** A watch is being served until its frames end. */
  async *#counted<T>(frames: AsyncIterable<T>, labels: string): AsyncGenerator<T> {
    try {
      yield* frames;
    } finally {
      this.#count(this.#longRunning, labels, -1);
    }
  }

  #count(map: Map<string, number>, labels: string, by: number): void {
    map.set(labels, (map.get(labels) ?? 0) + by);
  }

  #observe(labels: string, seconds: number): void {
    let histogram = this.#durations.get(labels);
    if (!histogram) {
      histogram = { counts: BUCKETS_SECONDS.map(() => 0), sum: 0, total: 0 };
      this.#durations.set(labels, histogram);
    }
    const bucket = BUCKETS_SECONDS.findIndex((limit) => seconds <= limit);
    if (bucket !== -1) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
    histogram.sum += seconds;
    histogram.total += 1;
  }

  /** The text that /metrics answers with. `objects` are counts of stored objects by resource. */
  text(objects: readonly { readonly resource: string; readonly count: number }[], revision: number): string {
    const lines: string[] = [];
    const family = (name: string, type: string, help: string) => lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    family('apiserver_request_total', 'counter', 'Requests by verb, resource and code.');
    for (const [labels, count] of this.#requests) lines.push(`apiserver_request_total{${labels}} ${count}`);
    family('apiserver_request_duration_seconds', 'histogram', 'Time until the answer was there.');
    for (const [labels, histogram] of this.#durations) {
      let below = 0;
      BUCKETS_SECONDS.forEach((limit, index) => {
        below += histogram.counts[index] ?? 0;
        lines.push(`apiserver_request_duration_seconds_bucket{${labels},le="${limit}"} ${below}`);
      });
      lines.push(`apiserver_request_duration_seconds_bucket{${labels},le="+Inf"} ${histogram.total}`);
      lines.push(`apiserver_request_duration_seconds_sum{${labels}} ${histogram.sum}`);
      lines.push(`apiserver_request_duration_seconds_count{${labels}} ${histogram.total}`);
    }
    family('apiserver_current_inflight_requests', 'gauge', 'Requests being worked on.');
    for (const side of ['mutating', 'readOnly'] as const) lines.push(`apiserver_current_inflight_requests{request_kind="${side}"} ${this.#inFlight[side]}`);
    family('apiserver_longrunning_requests', 'gauge', 'Watches and streams being served.');
    for (const [labels, count] of this.#longRunning) lines.push(`apiserver_longrunning_requests{${labels}} ${count}`);
    family('apiserver_storage_objects', 'gauge', 'Stored objects by resource.');
    for (const { resource, count } of objects) lines.push(`apiserver_storage_objects{resource="${resource}"} ${count}`);
    family('apiserver_storage_revision', 'gauge', 'Revision of the newest write.');
    lines.push(`apiserver_storage_revision ${revision}`);
    family('process_resident_memory_bytes', 'gauge', 'Resident memory of the daemon.');
    lines.push(`process_resident_memory_bytes ${process.memoryUsage.rss()}`);
    family('process_cpu_seconds_total', 'counter', 'CPU time of the daemon.');
    const { user, system } = process.cpuUsage();
    lines.push(`process_cpu_seconds_total ${(user + system) / 1e6}`);
    return `${lines.join('\n')}\n`;
  }
}

/** Kubernetes names most verbs after their HTTP method here. */
const METRIC_VERBS: { readonly [verb: string]: string } = { create: 'POST', update: 'PUT' };
const KNOWN_VERBS = new Set(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'post', 'put', 'head', 'options']);

function labelsOf(info: RequestInfo, isServed: (info: ResourceRequest) => boolean): string {
  const verb = METRIC_VERBS[info.verb] ?? (KNOWN_VERBS.has(info.verb) ? info.verb.toUpperCase() : 'other');
  if (info.type === 'path' || !isServed(info)) return `verb="${verb}",group="",version="",resource="",subresource="",scope=""`;
  const scope = info.name ? 'resource' : info.namespace ? 'namespace' : 'cluster';
  return `verb="${verb}",group="${info.group}",version="${info.version}",resource="${info.resource}",subresource="${info.subresource}",scope="${scope}"`;
}
