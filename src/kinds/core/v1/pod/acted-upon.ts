import type { ActedUpon } from '../../../define-kind.ts';

const HTTP_GET = ['host', 'httpHeaders[*].name', 'httpHeaders[*].value', 'path', 'port', 'scheme'];
const under = (prefix: string, fields: readonly string[]): readonly string[] => fields.map((field) => `${prefix}.${field}`);

const HANDLER = ['exec.command', ...under('httpGet', HTTP_GET), 'sleep.seconds'];
const PROBE = [
  'exec.command',
  ...under('httpGet', HTTP_GET),
  'tcpSocket.host',
  'tcpSocket.port',
  'grpc.port',
  'grpc.service',
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
  'terminationGracePeriodSeconds',
];

const CONTAINER = [
  'name',
  'image',
  'imagePullPolicy',
  'command',
  'args',
  'workingDir',

  'restartPolicy',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'env[*].name',
  'env[*].value',
  ...under('env[*].valueFrom', ['configMapKeyRef', 'secretKeyRef', 'fieldRef', 'resourceFieldRef']),
  ...under('envFrom[*]', ['prefix', 'configMapRef', 'secretRef']),
  ...under('lifecycle.postStart', HANDLER),
  ...under('lifecycle.preStop', HANDLER),
  'lifecycle.stopSignal',
  ...under('livenessProbe', PROBE),
  ...under('readinessProbe', PROBE),
  ...under('startupProbe', PROBE),
  ...under('resources', ['limits{*}', 'requests{*}']),
  ...under('securityContext', ['runAsUser', 'runAsGroup', 'runAsNonRoot']),
  ...under('volumeMounts[*]', ['name', 'mountPath', 'readOnly', 'subPath', 'subPathExpr']),
];

/** Declared ports: found by name, and claimed on the machine's network. */
const PORTS = under('ports[*]', ['name', 'containerPort', 'protocol', 'hostPort']);

const VOLUME = [
  'name',
  ...under('configMap', ['name', 'items[*].key', 'items[*].path', 'items[*].mode', 'defaultMode', 'optional']),
  ...under('secret', ['secretName', 'items[*].key', 'items[*].path', 'items[*].mode', 'defaultMode', 'optional']),
  ...under('downwardAPI', ['items[*].path', 'items[*].mode', 'items[*].fieldRef', 'items[*].resourceFieldRef', 'defaultMode']),
  ...under('emptyDir', ['medium', 'sizeLimit']),
  ...under('hostPath', ['path', 'type']),
  'projected.defaultMode',
  ...under('projected.sources[*]', ['configMap', 'secret', 'downwardAPI']),
];

const KUBELET = [
  ...under('containers[*]', CONTAINER),
  ...under('initContainers[*]', CONTAINER),
  ...under('volumes[*]', VOLUME),
  'activeDeadlineSeconds',
  'enableServiceLinks',
  'readinessGates[*].conditionType',
  'restartPolicy',
  'terminationGracePeriodSeconds',
  // Processes of one machine share its process ids and its IPC: asking for that is asking for what happens.
  'hostIPC',
  'hostPID',
  'shareProcessNamespace',
  ...under('securityContext', ['runAsUser', 'runAsGroup', 'runAsNonRoot', 'supplementalGroups', 'fsGroup']),
];

const NETWORK = [
  ...under('containers[*]', PORTS),
  ...under('initContainers[*]', PORTS),
  'dnsConfig',
  'dnsPolicy',
  'hostAliases',
  'hostNetwork',
  'hostname',
  'subdomain',
];

const SCHEDULER = [
  'affinity',
  'nodeName',
  'nodeSelector',
  'overhead{*}',
  'schedulerName',
  'schedulingGates[*].name',
  'tolerations',
  'topologySpreadConstraints',
];

/** `serviceAccount` is the old name of serviceAccountName and kept alike. */
const APISERVER = ['serviceAccount', 'serviceAccountName', 'priority', 'preemptionPolicy'];

const specActedUpon = (prefix: string): readonly ActedUpon[] => [
  { room: 'kubelet', fields: under(prefix, KUBELET) },
  { room: 'network', fields: under(prefix, NETWORK) },
  { room: 'scheduler', fields: under(prefix, SCHEDULER) },
  { room: 'apiserver', fields: under(prefix, APISERVER) },
];

/** What is acted upon in a pod. Its status is what the node agent found, kept for whoever reads it. */
export const podActedUpon: readonly ActedUpon[] = [...specActedUpon('spec'), { room: 'clients', fields: ['status'] }];

/** What is acted upon in a pod template at `prefix`. */
export const podTemplateActedUpon = (prefix: string): readonly ActedUpon[] => [
  ...specActedUpon(`${prefix}.spec`),
  { room: 'controllers', fields: [`${prefix}.metadata.labels`, `${prefix}.metadata.annotations`, `${prefix}.metadata.finalizers`] },
];
