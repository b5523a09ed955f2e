import { describe, expect, it } from 'vitest';
import { type FieldError, fieldErrorText } from '../../../../apimachinery/index.ts';
import { applyFieldPolicies } from '../../../index.ts';
import type { Container, Pod, PodSpec } from '../../../schema/types.ts';
import { imageTag, pod } from './index.ts';

const NOW_MS = Date.parse('2026-01-02T03:04:05Z');
const metadata = { name: 'web', namespace: 'default' };
const podOf = (spec: PodSpec, meta: Pod['metadata'] = metadata): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: meta, spec });
const one = (container: Partial<Container> = {}, spec: Partial<PodSpec> = {}): Pod =>
  podOf({ containers: [{ name: 'web', image: 'web:v1', ...container }], ...spec });
const created = (object: Pod): Pod => {
  const defaulted = pod.strategy.defaults!(object);
  return pod.strategy.prepareForCreate!(defaulted, { nowMs: NOW_MS });
};
const texts = (errors: readonly FieldError[]): readonly string[] => errors.map(fieldErrorText);
const errorsOf = (object: Pod): readonly string[] => texts(pod.strategy.validate!(created(object)));

describe('a pod', () => {
  it('gets the defaults that Kubernetes gives', () => {
    const object = created(one({ livenessProbe: { httpGet: { port: 80 } }, ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } }));
    expect(object.spec).toEqual({
      containers: [
        {
          name: 'web',
          image: 'web:v1',
          imagePullPolicy: 'IfNotPresent',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          resources: { limits: { cpu: '1' }, requests: { cpu: '1' } },
          livenessProbe: {
            httpGet: { port: 80, path: '/', scheme: 'HTTP' },
            timeoutSeconds: 1,
            periodSeconds: 10,
            successThreshold: 1,
            failureThreshold: 3,
          },
        },
      ],
      dnsPolicy: 'ClusterFirst',
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
      priority: 0,
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      serviceAccount: 'default',
      serviceAccountName: 'default',
      terminationGracePeriodSeconds: 30,
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
    });
    expect(object.status).toEqual({ phase: 'Pending', qosClass: 'Burstable' });
  });
  it('on the network of the machine claims its ports there, unless its replicas share them', () => {
    const ports = [{ containerPort: 80 }];
    const claimed = (meta: Pod['metadata']) =>
      pod.strategy.defaults!(podOf({ hostNetwork: true, containers: [{ name: 'web', image: 'web:v1', ports }] }, meta)).spec?.containers[0]?.ports?.[0]
        ?.hostPort;
    expect(claimed(metadata)).toBe(80);
    expect(claimed({ ...metadata, annotations: { 'drover.dev/exec-mode': 'cluster' } })).toBeUndefined();
  });
  it('turns matchLabelKeys into selectors on its own labels', () => {
    const term = {
      topologyKey: 'kubernetes.io/hostname',
      labelSelector: { matchLabels: { app: 'web' } },
      matchLabelKeys: ['hash'],
      mismatchLabelKeys: ['tenant'],
    };
    const object = created(
      podOf(
        { containers: [{ name: 'web', image: 'web:v1' }], affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
        { ...metadata, labels: { hash: 'a', tenant: 'b' } },
      ),
    );
    expect(object.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.[0]?.labelSelector?.matchExpressions).toEqual([
      { key: 'hash', operator: 'In', values: ['a'] },
      { key: 'tenant', operator: 'NotIn', values: ['b'] },
    ]);
  });
  it('knows the tag of its image', () => {
    const tags = { web: 'latest', 'web:v1': 'v1', 'host:5000/web': 'latest', 'host:5000/web:v2': 'v2', 'web@sha256:ab': '', 'web:v3@sha256:ab': 'v3', '': '' };
    for (const [image, tag] of Object.entries(tags)) expect([image, imageTag(image)]).toEqual([image, tag]);
  });
});

describe('validation of a pod says', () => {
  const cases: readonly (readonly [string, Pod, readonly string[]])[] = [
    ['nothing about a good one', one(), []],
    ['what is missing', podOf({ containers: [] }), ['spec.containers: Required value']],
    ['which image is missing', podOf({ containers: [{ name: 'web' }] }), ['spec.containers[0].image: Required value']],
    [
      'which name is taken',
      podOf({
        containers: [
          { name: 'web', image: 'a' },
          { name: 'web', image: 'b' },
        ],
      }),
      ['spec.containers[1].name: Duplicate value: "web"'],
    ],
    [
      'which request is above its limit',
      one({ resources: { limits: { cpu: '100m' }, requests: { cpu: '200m' } } }),
      ['spec.containers[0].resources.requests: Invalid value: "200m": must be less than or equal to cpu limit of 100m'],
    ],
    [
      'which volume is not there',
      one({ volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
      ['spec.containers[0].volumeMounts[0].name: Not found: "data"'],
    ],
    [
      'that a restart policy does not exist',
      one({}, { restartPolicy: 'Sometimes' }),
      ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"'],
    ],
    ['that a probe must do something', one({ livenessProbe: {} }), ['spec.containers[0].livenessProbe: Required value: must specify a handler type']],
    [
      'that liveness needs one success',
      one({ livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }),
      ['spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1'],
    ],
    [
      'that init containers that end have no probes',
      one({}, { initContainers: [{ name: 'first', image: 'a', readinessProbe: { tcpSocket: { port: 80 } } }] }),
      ['spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always'],
    ],
    [
      'nothing about a sidecar with probes',
      one({}, { initContainers: [{ name: 'side', image: 'a', restartPolicy: 'Always', readinessProbe: { tcpSocket: { port: 80 } } }] }),
      [],
    ],
    [
      'which port number is out of range',
      one({ ports: [{ containerPort: 70000 }] }),
      ['spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ],
    [
      'that a variable has one source',
      one({ env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }),
      ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
    ],
    [
      'which field cannot become a variable',
      one({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.hostname' } } }] }),
      [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.hostname": error converting fieldPath: field label not supported: spec.hostname',
      ],
    ],
    [
      'that a toleration without a key tolerates everything',
      one({}, { tolerations: [{ value: 'x' }] }),
      ['spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"'],
    ],
    [
      'that a volume has one source',
      one({}, { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/srv', type: '' } }] }),
      ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
    ],
    [
      'that an annotation of ours has a wrong value',
      podOf({ containers: [{ name: 'web', image: 'a' }] }, { ...metadata, annotations: { 'drover.dev/exec-mode': 'clustr' } }),
      ['metadata.annotations[drover.dev/exec-mode]: Unsupported value: "clustr": supported values: "cluster", "fork"'],
    ],
  ];
  it.each(cases)('%s', (_, object, expected) => {
    expect(errorsOf(object)).toEqual(expected);
  });
});

describe('an update of a pod', () => {
  const old = created(one());
  const update = (change: Partial<PodSpec>): readonly string[] => texts(pod.strategy.validateUpdate!({ ...old, spec: { ...old.spec!, ...change } }, old));
  it('may change images, add tolerations and set a deadline', () => {
    expect(update({ containers: [{ ...old.spec!.containers[0]!, image: 'web:v2' }] })).toEqual([]);
    expect(update({ tolerations: [...old.spec!.tolerations!, { operator: 'Exists' }] })).toEqual([]);
    expect(update({ activeDeadlineSeconds: 5 })).toEqual([]);
  });
  it('may not change anything else, and says what it was', () => {
    const [text = ''] = update({ restartPolicy: 'Never' });
    expect(text).toMatch(/^spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`/);
    expect(text).toMatch(/changed: spec\.restartPolicy$/);
  });
  it('may not take tolerations away or add containers', () => {
    expect(update({ tolerations: [] })).toEqual(['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds']);
    expect(update({ containers: [...old.spec!.containers, { name: 'b', image: 'b' }] })).toEqual([
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ]);
  });
});

describe('field policies of a pod', () => {
  it('refuse what would be unsafe or wrong to ignore and warn about the rest, each by name', () => {
    const object = one(
      { tty: true, securityContext: { readOnlyRootFilesystem: true, windowsOptions: { hostProcess: true } } },
      { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
    );
    const { errors, warnings } = applyFieldPolicies(pod, object);
    expect(errors.map((error) => error.field)).toEqual(['spec.containers[0].securityContext.windowsOptions', 'spec.volumes[0].persistentVolumeClaim']);
    expect(warnings.map((text) => text.split(':')[0])).toEqual(['spec.containers[0].securityContext.readOnlyRootFilesystem', 'spec.containers[0].tty']);
  });
  it('have nothing to say about values that ask for what happens anyway', () => {
    const object = one({ tty: false, securityContext: { privileged: false, seccompProfile: { type: 'Unconfined' } } });
    expect(applyFieldPolicies(pod, object)).toEqual({ errors: [], warnings: [] });
  });
});
