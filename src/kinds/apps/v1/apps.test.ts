import { describe, expect, it } from 'vitest';
import { fieldErrorText } from '../../../apimachinery/index.ts';
import { deployment, replicaSet } from '../../index.ts';
import type { Deployment, DeploymentSpec, ReplicaSet } from '../../schema/types.ts';

const given = (change: Partial<DeploymentSpec> = {}): Deployment => ({ ...deployment.example, spec: { ...deployment.example.spec!, ...change } });
const defaulted = (object: Deployment): Deployment => deployment.strategy.defaults!(object);
const errorsOf = (change: Partial<DeploymentSpec>): readonly string[] => deployment.strategy.validate!(defaulted(given(change))).map(fieldErrorText);

describe('a Deployment', () => {
  it('gets the defaults that Kubernetes gives', () => {
    const { template, selector: _selector, replicas: _replicas, ...rest } = defaulted(given()).spec!;
    expect(rest).toEqual({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    });
    expect(template.spec).toMatchObject({ restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', schedulerName: 'default-scheduler', securityContext: {} });
    expect(template.spec).not.toHaveProperty('enableServiceLinks');
  });
  it('recreates without being given a rolling update', () => {
    expect(defaulted(given({ strategy: { type: 'Recreate' } })).spec?.strategy).toEqual({ type: 'Recreate' });
  });
  const template = deployment.example.spec!.template;
  const cases: readonly (readonly [string, Partial<DeploymentSpec>, readonly string[]])[] = [
    [
      'labels that its selector does not find',
      { selector: { matchLabels: { app: 'other' } } },
      ['spec.template.metadata.labels: Invalid value: {"app":"order"}: `selector` does not match template `labels`'],
    ],
    ['a selector of nothing', { selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for deployment']],
    [
      'a roll that can neither surge nor go below',
      { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } },
      ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
    ],
    [
      'a rolling update that recreates',
      { strategy: { type: 'Recreate', rollingUpdate: {} } },
      ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
    ],
    ['a negative count', { replicas: -1 }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
    [
      'a deadline before pods can be available',
      { minReadySeconds: 600 },
      ['spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds'],
    ],
    [
      'pods that are not restarted',
      { template: { ...template, spec: { ...template.spec!, restartPolicy: 'Never' } } },
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
  ];
  it.each(cases)('is refused with %s', (_, change, expected) => {
    expect(errorsOf(change)).toEqual(expected);
  });
  it('keeps its selector for good', () => {
    const old = defaulted(given());
    const next = { ...old, spec: { ...old.spec!, selector: { matchLabels: { app: 'x' } } } };
    expect(deployment.strategy.validateUpdate!(next, old).map(fieldErrorText)).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable',
    ]);
  });
  it("warns about pods' annotations in the wrong place and about unknown ones in the right place", () => {
    const object: Deployment = {
      ...given({ template: { ...template, metadata: { labels: { app: 'order' }, annotations: { 'drover.dev/exec_mode': 'fork' } } } }),
      metadata: { name: 'order', namespace: 'default', annotations: { 'drover.dev/exec-mode': 'fork', 'drover.dev/script': '/srv/app.js' } },
    };
    expect(deployment.strategy.warnings!(object, undefined).map((text) => text.split(':')[0])).toEqual([
      'metadata.annotations[drover.dev/exec-mode]',
      'spec.template.metadata.annotations[drover.dev/exec_mode]',
    ]);
  });
  it('does not let a spec update touch its status', () => {
    const old: Deployment = { ...defaulted(given()), status: { replicas: 2 } };
    expect(deployment.strategy.prepareForUpdate!({ ...old, status: { replicas: 9 } }, old, { nowMs: 0 }).status).toEqual({ replicas: 2 });
  });
});

describe('a ReplicaSet', () => {
  it('may not say that more pods are ready than there are', () => {
    const object: ReplicaSet = { ...replicaSet.example, status: { replicas: 1, readyReplicas: 2 } };
    expect(replicaSet.strategy.validateStatusUpdate!(object, object).map(fieldErrorText)).toEqual([
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
    ]);
  });
});
