import type { Container, ContainerState, ContainerStatus, EnvVar, Pod, Probe, Volume } from '../../kinds/index.ts';
import { textTable } from '../output/text-table.ts';
import { type Block, block, type Entry, pairs, timeText } from './lines.ts';

/** All about a pod, in kubectl's layout. */
export function podBlock(pod: Pod): Block {
  const { metadata, spec, status } = pod;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  return block([
    ['Name', metadata.name ?? ''],
    ['Namespace', metadata.namespace ?? ''],
    ['Priority', String(spec?.priority ?? 0)],
    ['Service Account', spec?.serviceAccountName ?? 'default'],
    ['Node', spec?.nodeName ? `${spec.nodeName}/${status?.hostIP ?? ''}` : '<none>'],
    status?.startTime ? ['Start Time', timeText(status.startTime)] : undefined,
    ['Labels', pairs(metadata.labels, '=')],
    ['Annotations', pairs(metadata.annotations, ': ')],
    metadata.deletionTimestamp ? ['Status', `Terminating (since ${timeText(metadata.deletionTimestamp)})`] : ['Status', status?.phase ?? ''],
    metadata.deletionTimestamp ? ['Termination Grace Period', `${metadata.deletionGracePeriodSeconds ?? 0}s`] : undefined,
    status?.reason ? ['Reason', status.reason] : undefined,
    status?.message ? ['Message', status.message] : undefined,
    ['IP', status?.podIP ?? ''],
    ['IPs', block((status?.podIPs ?? []).map(({ ip }) => ['IP', ip ?? ''] as const))],
    owner ? ['Controlled By', `${owner.kind}/${owner.name}`] : undefined,
    ...(spec?.initContainers ? [['Init Containers', containersBlock(spec.initContainers, status?.initContainerStatuses)] as const] : []),
    ['Containers', containersBlock(spec?.containers ?? [], status?.containerStatuses)],
    [
      'Conditions',
      block(
        textTable(
          ['Type', 'Status'],
          (status?.conditions ?? []).map(({ type, status: state }) => [type, state]),
        ).split('\n'),
      ),
    ],
    ['Volumes', spec?.volumes ? block(spec.volumes.map((volume) => [volume.name, volumeBlock(volume)] as const)) : '<none>'],
    ['QoS Class', status?.qosClass ?? ''],
    ['Node-Selectors', pairs(spec?.nodeSelector, '=')],
    [
      'Tolerations',
      (spec?.tolerations ?? []).map(
        ({ key, operator, value, effect, tolerationSeconds }) =>
          `${key ?? ''}${value ? `=${value}` : ''}${effect ? `:${effect}` : ''}${operator === 'Exists' ? ' op=Exists' : ''}${tolerationSeconds === undefined ? '' : ` for ${tolerationSeconds}s`}`,
      ),
    ],
  ]);
}

const containersBlock = (containers: readonly Container[], statuses: readonly ContainerStatus[] | undefined): Block =>
  block(
    containers.map(
      (container) =>
        [
          container.name,
          containerBlock(
            container,
            statuses?.find(({ name }) => name === container.name),
          ),
        ] as const,
    ),
  );

/** A container of a pod, or of a template (then without a status). */
export function containerBlock(container: Container, status: ContainerStatus | undefined): Block {
  const ports = container.ports ?? [];
  const { requests, limits } = container.resources ?? {};
  return block([
    status?.containerID ? ['Container ID', status.containerID] : undefined,
    ['Image', container.image ?? ''],
    status ? ['Image ID', status.imageID ?? ''] : undefined,
    ['Port', ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol ?? 'TCP'}`).join(', ') || '<none>'],
    ['Host Port', ports.map(({ hostPort, protocol }) => `${hostPort ?? 0}/${protocol ?? 'TCP'}`).join(', ') || '<none>'],
    container.command ? ['Command', block(container.command)] : undefined,
    container.args ? ['Args', block(container.args)] : undefined,
    ...(status ? stateEntries(status) : []),
    limits ? ['Limits', block(Object.entries(limits).map(([name, value]) => [name, String(value)] as const))] : undefined,
    requests ? ['Requests', block(Object.entries(requests).map(([name, value]) => [name, String(value)] as const))] : undefined,
    container.livenessProbe ? ['Liveness', probeText(container.livenessProbe)] : undefined,
    container.readinessProbe ? ['Readiness', probeText(container.readinessProbe)] : undefined,
    container.startupProbe ? ['Startup', probeText(container.startupProbe)] : undefined,
    container.envFrom
      ? [
          'Environment Variables from',
          block(
            container.envFrom.map(
              ({ configMapRef, secretRef }) =>
                `${configMapRef?.name ?? secretRef?.name}  ${configMapRef ? 'ConfigMap' : 'Secret'}  Optional: ${configMapRef?.optional ?? secretRef?.optional ?? false}`,
            ),
          ),
        ]
      : undefined,
    ['Environment', container.env && container.env.length > 0 ? block(container.env.map((one) => [one.name, envText(one)] as const)) : '<none>'],
    [
      'Mounts',
      container.volumeMounts
        ? block(
            container.volumeMounts.map(
              ({ name, mountPath, readOnly, subPath }) => `${mountPath} from ${name} (${readOnly ? 'ro' : 'rw'}${subPath ? `,path="${subPath}"` : ''})`,
            ),
          )
        : '<none>',
    ],
  ]);
}

function stateEntries(status: ContainerStatus): readonly Entry[] {
  return [
    ...stateEntry('State', status.state),
    ...(status.lastState && Object.keys(status.lastState).length > 0 ? stateEntry('Last State', status.lastState) : []),
    ['Ready', status.ready ? 'True' : 'False'],
    ['Restart Count', String(status.restartCount)],
  ];
}

function stateEntry(label: string, state: ContainerState | undefined): readonly Entry[] {
  if (state?.running)
    return [
      [label, 'Running'],
      ['  Started', timeText(state.running.startedAt)],
    ];
  if (state?.waiting)
    return [
      [label, 'Waiting'],
      ...(state.waiting.reason ? [['  Reason', state.waiting.reason] as const] : []),
      ...(state.waiting.message ? [['  Message', state.waiting.message] as const] : []),
    ];
  if (!state?.terminated) return [[label, 'Waiting']];
  const { reason, message, exitCode, signal, startedAt, finishedAt } = state.terminated;
  return [
    [label, 'Terminated'],
    ...(reason ? [['  Reason', reason] as const] : []),
    ...(message ? [['  Message', message.trim()] as const] : []),
    ['  Exit Code', String(exitCode)],
    ...(signal ? [['  Signal', String(signal)] as const] : []),
    ['  Started', timeText(startedAt)],
    ['  Finished', timeText(finishedAt)],
  ];
}

/** `http-get http://:8000/health delay=5s timeout=1s period=10s #success=1 #failure=3`. */
function probeText(probe: Probe): string {
  const numbers = `delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds ?? 1}s period=${probe.periodSeconds ?? 10}s #success=${probe.successThreshold ?? 1} #failure=${probe.failureThreshold ?? 3}`;
  if (probe.exec) return `exec [${(probe.exec.command ?? []).join(' ')}] ${numbers}`;
  if (probe.httpGet)
    return `http-get ${(probe.httpGet.scheme ?? 'HTTP').toLowerCase()}://${probe.httpGet.host ?? ''}:${probe.httpGet.port}${probe.httpGet.path ?? ''} ${numbers}`;
  if (probe.tcpSocket) return `tcp-socket ${probe.tcpSocket.host ?? ''}:${probe.tcpSocket.port} ${numbers}`;
  if (probe.grpc) return `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ''} ${numbers}`;
  return `unknown ${numbers}`;
}

function envText({ value, valueFrom }: EnvVar): string {
  if (valueFrom?.configMapKeyRef)
    return `<set to the key '${valueFrom.configMapKeyRef.key}' of config map '${valueFrom.configMapKeyRef.name}'>  Optional: ${valueFrom.configMapKeyRef.optional ?? false}`;
  if (valueFrom?.secretKeyRef)
    return `<set to the key '${valueFrom.secretKeyRef.key}' in secret '${valueFrom.secretKeyRef.name}'>  Optional: ${valueFrom.secretKeyRef.optional ?? false}`;
  if (valueFrom?.fieldRef) return ` (${valueFrom.fieldRef.apiVersion ?? 'v1'}:${valueFrom.fieldRef.fieldPath})`;
  if (valueFrom?.resourceFieldRef) return `(${valueFrom.resourceFieldRef.resource})`;
  return value ?? '';
}

function volumeBlock({ name: _name, ...source }: Volume): Block {
  const [kind, settings] = Object.entries(source)[0] ?? ['unknown', {}];
  const type =
    {
      configMap: 'ConfigMap (a volume populated by a ConfigMap)',
      secret: 'Secret (a volume populated by a Secret)',
      emptyDir: "EmptyDir (a temporary directory that shares a pod's lifetime)",
      hostPath: 'HostPath (bare host directory volume)',
      projected: 'Projected (a volume that contains injected data from multiple sources)',
    }[kind] ?? kind;
  return block([
    ['Type', type],
    ...Object.entries((settings ?? {}) as object).map(
      ([key, value]): Entry => [
        key === 'secretName' || key === 'name' ? `${kind === 'secret' ? 'SecretName' : 'Name'}` : `${key[0]?.toUpperCase()}${key.slice(1)}`,
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ],
    ),
  ]);
}
