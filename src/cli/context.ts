import type { Transport } from '../apimachinery/index.ts';
import type { ApiClient, ClusterConnection } from '../client/index.ts';
import type { Clock, HomePaths } from '../std/index.ts';
import type { Io, Paint } from './io.ts';

/** A way to one cluster: the home's own daemon, or any other. */
export interface Connection {
  readonly client: ApiClient;
  readonly transport: Transport;
  /** The namespace of the kubeconfig's context, else default. */
  readonly namespace: string;
  /** The home, when it is the local daemon. */
  readonly local: HomePaths | undefined;
  /** For upgraded connections, when it is another cluster. */
  readonly cluster: ClusterConnection | undefined;
  /** How messages call it. */
  readonly name: string;
}

/** What a verb works with. */
export interface Context {
  readonly io: Io;
  readonly clock: Clock;
  readonly home: HomePaths;
  /** Where the programs (shim.js, …) are. */
  readonly programs: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly paint: Paint;
  readonly paintError: Paint;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Whether another cluster than the home's was named. */
  readonly remote: boolean;
  /** Connects once; starts the daemon when it is the local one and does not run (unless `start: false`, which then throws). */
  connect(options?: { readonly start?: boolean }): Promise<Connection>;
  /** Data, on stdout. A newline is added. */
  readonly print: (text: string) => void;
  /** A notice or progress, on stderr; nothing with --quiet. */
  readonly notice: (text: string) => void;
  /** A warning, on stderr. */
  readonly warn: (text: string) => void;
}
