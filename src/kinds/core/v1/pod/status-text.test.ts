import { describe, expect, it } from 'vitest';
import type { ContainerStatus, Pod, PodSpec, PodStatus } from '../../../schema/types.ts';
import { podSummary } from './status-text.ts';

const NOW_MS = Date.parse('2026-01-02T03:04:05Z');
const one = (spec: Partial<PodSpec>): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [{ name: 'web', image: 'web:v1' }], ...spec },
});
const status = (name: string, state: ContainerStatus['state'], rest: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name,
  image: 'a',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...(state ? { state } : {}),
  ...rest,
});

describe('the row of a pod shows', () => {
  const row = (change: Partial<PodStatus>, spec: Partial<PodSpec> = {}, meta: Partial<Pod['metadata']> = {}) => {
    const object = one(spec);
    return podSummary({ ...object, metadata: { ...object.metadata, ...meta }, status: { phase: 'Running', ...change } }, NOW_MS);
  };
  const running = { running: { startedAt: '2026-01-02T03:00:00Z' } };
  const init = {
    initContainers: [
      { name: 'first', image: 'a' },
      { name: 'second', image: 'a' },
    ],
  };
  const side: Partial<PodSpec> = { initContainers: [{ name: 'side', image: 'a', restartPolicy: 'Always' }] };
  const cases: readonly (readonly [string, ReturnType<typeof row>, readonly string[]])[] = [
    ['a running pod', row({ containerStatuses: [status('web', running, { ready: true })] }), ['1/1', 'Running', '0']],
    [
      'a crash loop with the time of the last restart',
      row({
        containerStatuses: [
          status(
            'web',
            { waiting: { reason: 'CrashLoopBackOff' } },
            { restartCount: 2, lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-02T02:59:05Z' } } },
          ),
        ],
      }),
      ['0/1', 'CrashLoopBackOff', '2 (5m ago)'],
    ],
    [
      'an end',
      row({ phase: 'Succeeded', containerStatuses: [status('web', { terminated: { exitCode: 0, reason: 'Completed' } })] }),
      ['0/1', 'Completed', '0'],
    ],
    ['a signal', row({ containerStatuses: [status('web', { terminated: { exitCode: 137, signal: 9 } })] }), ['0/1', 'Signal:9', '0']],
    ['how many init containers are done', row({ phase: 'Pending', initContainerStatuses: [status('first', running)] }, init), ['0/1', 'Init:0/2', '0']],
    [
      'an init container that failed',
      row({ phase: 'Pending', initContainerStatuses: [status('first', { terminated: { exitCode: 1, reason: 'Error' } })] }, init),
      ['0/1', 'Init:Error', '0'],
    ],
    [
      'a pod whose containers start',
      row({ phase: 'Pending', containerStatuses: [status('web', { waiting: { reason: 'PodInitializing' } })] }),
      ['0/1', 'PodInitializing', '0'],
    ],
    [
      'a sidecar that counts',
      row(
        { initContainerStatuses: [status('side', running, { started: true, ready: true })], containerStatuses: [status('web', running, { ready: true })] },
        side,
      ),
      ['2/2', 'Running', '0'],
    ],
    [
      'a pod being deleted',
      row({ containerStatuses: [status('web', running, { ready: true })] }, {}, { deletionTimestamp: '2026-01-02T03:04:00Z' }),
      ['1/1', 'Terminating', '0'],
    ],
    ["the pod's own reason", row({ phase: 'Failed', reason: 'Evicted' }), ['0/1', 'Evicted', '0']],
  ];
  it.each(cases)('%s', (_, { ready, status: shown, restarts }, expected) => {
    expect([ready, shown, restarts]).toEqual(expected);
  });
});
