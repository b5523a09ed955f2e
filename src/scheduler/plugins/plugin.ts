import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';

/** Why a node does not take a pod, in Kubernetes' words. */
export interface Rejection {
  readonly reason: string;
  /** Removing other pods from the node would not help. */
  readonly isFinal: boolean;
}

/**
 * What happens when requests add up to more than a machine has. `strict`: pods wait, as in Kubernetes. `warn`: CPU, which is only shared more thinly, may
 * be promised several times over (with a warning); memory, which would be missing, may not.
 */
export type OvercommitPolicy = 'strict' | 'warn';

interface SchedulingContext {
  readonly pod: PodInfo;
  readonly snapshot: ClusterSnapshot;
  readonly overcommit: OvercommitPolicy;
}

/** A plugin's view of one pod: made once, then asked about every node. */
export interface PodRules {
  /** Reasons against the node; none: it is fine. */
  filter?(node: NodeInfo): readonly Rejection[];
  /** 0 (worst) to 100 for each of these nodes, in their order. */
  score?(nodes: readonly NodeInfo[]): readonly number[];
}

/** One rule of scheduling. Pure: the same pod and snapshot always give the same answer. */
export interface SchedulerPlugin {
  readonly name: string;
  /** How much its score counts; default 1. */
  readonly weight?: number;
  /** Undefined when the plugin has nothing to say about this pod. */
  prepare(context: SchedulingContext): PodRules | undefined;
}

export const FINE: readonly Rejection[] = Object.freeze([]);

export const reject = (reason: string): readonly Rejection[] => [{ reason, isFinal: false }];
export const rejectFinally = (reason: string): readonly Rejection[] => [{ reason, isFinal: true }];

/** Scales raw scores so that the largest becomes 100; all 0 stays 0. */
export function normalised(raw: readonly number[]): readonly number[] {
  const largest = Math.max(0, ...raw);
  return largest === 0 ? raw.map(() => 0) : raw.map((one) => (one * 100) / largest);
}

/** As normalised, for counts of which fewer are better. */
export const normalisedReverse = (raw: readonly number[]): readonly number[] => normalised(raw).map((one) => 100 - one);
