import type { Closable } from '../std/index.ts';

/** What a pod's sandbox gets from the network. The same shape as the runtimes' SandboxNetwork, on purpose. */
export interface PodAttachment {
  readonly mode: 'host' | 'netns' | 'loopback';
  readonly ip: string;
  readonly netnsPath?: string;
  readonly resolvConf?: string;
  readonly etcHosts?: string;
  readonly env: { readonly [name: string]: string };
}

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

/** The network of one node, for its node agent. */
export interface PodNetwork extends Closable {
  /** netns: an address and a network namespace per pod. loopback: an address of 127/8 per pod. */
  readonly mode: 'netns' | 'loopback';
  /** What is not given in this mode and why; becomes a Node condition. */
  limitations(): readonly { readonly reason: string; readonly message: string }[];
  /** Gives the pod its address. Repeating it gives the same one, also after a restart of this process. */
  attach(pod: PodIdentity): Promise<PodAttachment>;
  /** Takes the address back. Unknown pods are not an error. */
  detach(uid: string): Promise<void>;
  /** Takes the address out of every Service's rotation now, whatever EndpointSlices say, and resolves once the data path has acknowledged it (or after 5 s). */
  withdraw(ip: string): Promise<void>;
  /** Undoes `withdraw`: EndpointSlices decide again. */
  admit(ip: string): void;
  readonly dnsAddress: string;
}

/** Address ranges of a home, chosen when it is first started and kept. */
export interface NetworkRanges {
  readonly mode: 'netns' | 'loopback';
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Address of the `kubernetes` Service. */
  readonly apiAddress: string;
  readonly dnsAddress: string;
  /** Address of the Node object and of pods on the host's network. */
  readonly nodeAddress: string;
}
