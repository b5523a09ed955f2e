import type { ApiClient, EventRecorder, ResourceClient } from '../../client/index.ts';
import type { Pod } from '../../kinds/index.ts';
import type { Runtime } from '../../runtimes/index.ts';
import type { Clock, HomePaths } from '../../std/index.ts';
import type { PodNetwork } from '../contract.ts';
import type { ObjectSources } from '../env/container-env.ts';
import type { MachineResources } from '../env/resource-field.ts';
import type { ImageSources } from '../images/resolve-image.ts';
import type { RunInContainer } from '../probes/run-probe.ts';
import type { StatusWriter } from '../status/status-writer.ts';

/** What every pod worker shares. */
export interface WorkerParts {
  readonly client: ApiClient;
  readonly pods: ResourceClient<Pod>;
  readonly events: EventRecorder;
  readonly runtime: Runtime;
  readonly network: PodNetwork;
  readonly clock: Clock;
  readonly home: HomePaths;
  readonly nodeAddress: string;
  readonly status: StatusWriter;
  readonly sources: ObjectSources;
  /** Asked anew at each use: registrations change. */
  readonly images: () => ImageSources;
  readonly machine: MachineResources;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly logLimits: { readonly maxBytes: number; readonly maxFiles: number };
  /** Whether logs are linked where collectors look: not for a runtime of simulated programs, of which there may be ten thousand. */
  readonly linkLogs: boolean;
  readonly exec: RunInContainer;
  readonly random: () => number;
  readonly onError: (error: unknown, about: string) => void;
}
