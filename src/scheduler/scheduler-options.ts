import type { ApiClient, EventRecorder, InformerFactory } from '../client/index.ts';
import type { Clock } from '../std/index.ts';
import type { OvercommitPolicy } from './plugins/plugin.ts';

export interface SchedulerOptions {
  readonly client: ApiClient;
  readonly informers: InformerFactory;
  readonly events: EventRecorder;
  readonly clock: Clock;
  /** Default 'warn'; a Node's drover.dev/overcommit annotation takes its place there. */
  readonly overcommit?: OvercommitPolicy;
  /** Pods of other schedulers are left alone. Default default-scheduler. */
  readonly schedulerName?: string;
  /** Told of writes that failed (they are tried again). Default: a line on stderr. */
  readonly onError?: (doing: string, error: unknown) => void;
}
