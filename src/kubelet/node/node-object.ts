import { bytesQuantity, milliCpuQuantity } from '../../apimachinery/index.ts';
import type { Node, NodeCondition, NodeStatus } from '../../kinds/index.ts';
import { rfc3339 } from '../../std/index.ts';
import type { MachineResources } from '../env/resource-field.ts';
import type { MachineInfo } from './machine.ts';
import type { Pressure } from './pressure.ts';

export interface NodeInput {
  readonly name: string;
  readonly address: string;
  readonly version: string;
  /** drover://0.1.0 */
  readonly runtimeVersion: string;
  readonly machine: MachineInfo;
  readonly resources: MachineResources & { readonly pods: number };
  readonly limitations: readonly { readonly reason: string; readonly message: string }[];
  readonly pressure: Pressure;
  /** Image names that stand for something here. */
  readonly images: readonly string[];
  readonly nowMs: number;
}

const capacityOf = (resources: NodeInput['resources']): { readonly [name: string]: string } => ({
  cpu: milliCpuQuantity(resources.cpuMilli),
  'ephemeral-storage': bytesQuantity(resources.ephemeralStorageBytes),
  memory: bytesQuantity(Math.floor(resources.memoryBytes / 1024) * 1024),
  pods: String(resources.pods),
});

/** The Node object of this machine when the API has none. */
export function newNode(input: NodeInput): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: input.name, labels: nodeLabels(input) },
    spec: {},
    status: nodeStatus(input, undefined),
  };
}

export const nodeLabels = (input: Pick<NodeInput, 'name' | 'machine'>): { readonly [key: string]: string } => ({
  'beta.kubernetes.io/arch': input.machine.architecture,
  'beta.kubernetes.io/os': input.machine.operatingSystem,
  'kubernetes.io/arch': input.machine.architecture,
  'kubernetes.io/hostname': input.name,
  'kubernetes.io/os': input.machine.operatingSystem,
});

/** The Node's status; conditions of others are kept, transition times move only with a status. */
export function nodeStatus(input: NodeInput, old: NodeStatus | undefined): NodeStatus {
  const capacity = capacityOf(input.resources);
  return {
    ...old,
    addresses: [
      { type: 'InternalIP', address: input.address },
      { type: 'Hostname', address: input.name },
    ],
    capacity,
    allocatable: capacity,
    conditions: nodeConditions(input, old?.conditions ?? []),
    daemonEndpoints: old?.daemonEndpoints ?? { kubeletEndpoint: { Port: 0 } },
    images: input.images.slice(0, 50).map((name) => ({ names: [name], sizeBytes: 0 })),
    nodeInfo: {
      architecture: input.machine.architecture,
      bootID: input.machine.bootID,
      containerRuntimeVersion: input.runtimeVersion,
      kernelVersion: input.machine.kernelVersion,
      kubeProxyVersion: '',
      kubeletVersion: input.version,
      machineID: input.machine.machineID,
      operatingSystem: input.machine.operatingSystem,
      osImage: input.machine.osImage,
      systemUUID: input.machine.systemUUID,
    },
  };
}

/** Conditions of limitations are called `Limited<Reason>`, so that they never meet a condition of Kubernetes. */
const LIMITED = 'Limited';

function nodeConditions(input: NodeInput, old: readonly NodeCondition[]): readonly NodeCondition[] {
  const wanted: readonly { readonly type: string; readonly status: boolean; readonly reason: string; readonly message: string }[] = [
    pressureCondition('MemoryPressure', input.pressure.memory, 'KubeletHasInsufficientMemory', 'KubeletHasSufficientMemory', 'sufficient memory available'),
    pressureCondition('DiskPressure', input.pressure.disk, 'KubeletHasDiskPressure', 'KubeletHasNoDiskPressure', 'no disk pressure'),
    pressureCondition('PIDPressure', input.pressure.pids, 'KubeletHasInsufficientPID', 'KubeletHasSufficientPID', 'sufficient PID available'),
    ...input.limitations.map((one) => ({ type: `${LIMITED}${one.reason}`, status: true, reason: one.reason, message: one.message })),
    { type: 'Ready', status: true, reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  ];
  const now = rfc3339(input.nowMs);
  const ours = wanted.map((one): NodeCondition => {
    const status = one.status ? 'True' : 'False';
    const before = old.find((other) => other.type === one.type);
    return {
      type: one.type,
      status,
      lastHeartbeatTime: now,
      lastTransitionTime: before?.status === status && before.lastTransitionTime ? before.lastTransitionTime : now,
      reason: one.reason,
      message: one.message,
    };
  });
  return [...old.filter((one) => !one.type.startsWith(LIMITED) && !wanted.some((other) => other.type === one.type)), ...ours];
}

function pressureCondition(type: string, short: boolean, bad: string, good: string, goodMessage: string) {
  return {
    type,
    status: short,
    reason: short ? bad : good,
    message: `kubelet has ${short ? goodMessage.replace('sufficient', 'insufficient').replace('no disk', 'disk') : goodMessage}`,
  };
}

/** Whether two statuses differ in more than heartbeat times. */
export function withoutHeartbeats(status: NodeStatus): NodeStatus {
  return { ...status, conditions: (status.conditions ?? []).map(({ lastHeartbeatTime: _time, ...rest }) => rest) };
}
