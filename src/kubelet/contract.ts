import type { PodStreams } from '../apimachinery/index.ts';
import type { ApiClient, EventRecorder, InformerFactory } from '../client/index.ts';
import type { Runtime, SandboxNetwork } from '../runtimes/index.ts';
import type { Clock, Closable, HomePaths } from '../std/index.ts';

/** What the network must know of a pod. The same shape as the network room's PodIdentity; declared here because neither room imports the other. */
export interface PodIdentity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly hostNetwork: boolean;
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames?: readonly string[] }[];
  readonly dnsPolicy?: string;
  readonly dnsConfig?: {
    readonly nameservers?: readonly string[];
    readonly searches?: readonly string[];
    readonly options?: readonly { readonly name?: string; readonly value?: string }[];
  };
}

/** The network of this node, as the node agent uses it. Its owner closes it. */
export interface PodNetwork {
  readonly mode: 'netns' | 'loopback';
  limitations(): readonly { readonly reason: string; readonly message: string }[];
  /** Gives the pod its address; repeating it gives the same one. */
  attach(pod: PodIdentity): Promise<SandboxNetwork>;
  detach(uid: string): Promise<void>;
  /** Resolves once no new connection is sent to `ip`. */
  withdraw(ip: string): Promise<void>;
  /** Undoes `withdraw`. */
  admit(ip: string): void;
  readonly dnsAddress: string;
}

/** What the node offers to pods, in the units of the Node object. Left out: measured. */
export interface NodeCapacity {
  readonly cpuCores?: number;
  readonly memoryBytes?: number;
  readonly ephemeralStorageBytes?: number;
  /** Default 110, at most 10,000. */
  readonly pods?: number;
}

export interface KubeletOptions {
  readonly client: ApiClient;
  readonly informers: InformerFactory;
  readonly events: EventRecorder;
  readonly runtime: Runtime;
  readonly network: PodNetwork;
  readonly clock: Clock;
  readonly home: HomePaths;
  readonly nodeName: string;
  readonly nodeAddress: string;
  readonly capacity?: NodeCapacity;
  /** Kubernetes version that the node reports, v1.33.0 for instance. */
  readonly version: string;
  /** Where to look for programs: PATH and HOME decide. Also the source of the base environment of containers. */
  readonly environment: { readonly [name: string]: string | undefined };
  /** Default 10 MiB × 5. */
  readonly logLimits?: { readonly maxBytes: number; readonly maxFiles: number };
  /** Reports a failure that no caller waits for. Default: nothing is printed. */
  readonly onError?: (error: unknown, about: string) => void;
  /** 0 up to but not including 1; spreads probes. Default Math.random. */
  readonly random?: () => number;
}

/** The node agent. Closing it stops deciding; every pod goes on running. */
export interface Kubelet extends Closable {
  readonly streams: PodStreams;
  /** Resolves when what already runs has been adopted and the Node object is registered. */
  readonly ready: Promise<void>;
  /** Named questions, for status pages and tests. */
  readonly pods: () => readonly PodSummary[];
}

export interface PodSummary {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly state: 'syncing' | 'terminating' | 'terminated' | 'gone';
}
