import type { PodAttachment, PodIdentity } from '../contract.ts';

/** What could not be given and why. */
export interface Limitation {
  readonly reason: string;
  readonly message: string;
}

/** One mode's way of giving pods a place on the network. The address is chosen, and kept, before `attach` is called. */
export interface PodPorts {
  /** Makes or repairs what pods need on the machine. Called at the start, and again from time to time. */
  prepare(): Promise<void>;
  attach(pod: PodIdentity, ip: string): Promise<PodAttachment>;
  detach(uid: string, ip: string | undefined): Promise<void>;
  /** Whether something still runs at a pod's place. */
  isInhabited(uid: string): Promise<boolean>;
  /** Removes what earlier lives of this home left behind for pods other than these. */
  sweep(known: ReadonlyMap<string, string>): Promise<void>;
  limitations(): readonly Limitation[];
}
