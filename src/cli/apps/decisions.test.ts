import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ContainerStatus, Deployment, Pod } from '../../kinds/index.ts';
import { type AppView, appView, continueIds, groupApps } from './app-view.ts';
import { podProblem, replicaState } from './pod-state.ts';
import { rolloutState } from './rollout-state.ts';
import { selectApps } from './targets.ts';

const app = (name: string, namespace = 'default', ids = '', ours = true): AppView =>
  appView(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels: ours ? { 'drover.dev/app': name } : {}, annotations: { 'drover.dev/pm-ids': ids } },
    },
    [],
  );

test('ids are kept, never given twice, and go on from the highest', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50), { maxLength: 6 }), fc.nat(8), fc.uniqueArray(fc.nat(50), { maxLength: 6 }), (own, count, others) => {
      const foreign = others.filter((id) => !own.includes(id));
      const ids = continueIds(own, count, [app('other', 'default', foreign.join(','))]);
      expect(ids.slice(0, own.length)).toEqual(own.slice(0, count));
      expect(new Set([...ids, ...foreign]).size).toBe(count + foreign.length);
    }),
  );
});

test('words select apps by name, id, namespace, expression and all', () => {
  const apps = [app('api', 'default', '0,1'), app('web', 'default', '2'), app('web', 'shop', '3'), app('foreign', 'shop', '', false)];
  const names = (...words: string[]): readonly string[] => selectApps(words, apps).map(({ namespace, name }) => `${namespace}/${name}`);
  expect(names('api')).toEqual(['default/api']);
  expect(names('1', 'api')).toEqual(['default/api']);
  expect(names('deployment/foreign')).toEqual(['shop/foreign']);
  expect(names('all')).toEqual(['default/api', 'default/web', 'shop/web']);
  expect(names('shop')).toEqual(['shop/web']);
  expect(names('shop/web')).toEqual(['shop/web']);
  expect(names('/^a/')).toEqual(['default/api']);
  expect(() => names('web')).toThrow('several apps are called "web": default/web, shop/web');
  expect(() => names('/(/')).toThrow('is no regular expression');
  expect(() => names()).toThrow('name an app');
});

test('pods are an app’s by the chain of owners, not by name', () => {
  const owned = (kind: string, name: string, uid: string, owner: string) => ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'n', uid, ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: owner, controller: true }] },
  });
  const deployment: Deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'n', uid: 'd' } };
  const [view] = groupApps([deployment], [owned('ReplicaSet', 's', 'rs', 'd')], [owned('Pod', 'p1', '1', 'rs'), owned('Pod', 'p2', '2', 'else')]);
  expect(view?.pods.map(({ metadata }) => metadata.name)).toEqual(['p1']);
});

const rollout = (spec: object, status: object, generation = 2) =>
  rolloutState({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', generation }, spec, status } as Deployment);

test.each([
  ['not observed yet', { replicas: 2 }, { observedGeneration: 1 }, 'Waiting for deployment spec update to be observed...'],
  [
    'new ones coming',
    { replicas: 2 },
    { observedGeneration: 2, updatedReplicas: 1, replicas: 2 },
    'Waiting for deployment "web" rollout to finish: 1 out of 2 new replicas have been updated...',
  ],
  [
    'old ones going',
    { replicas: 2 },
    { observedGeneration: 2, updatedReplicas: 2, replicas: 3 },
    'Waiting for deployment "web" rollout to finish: 1 old replicas are pending termination...',
  ],
  [
    'not available',
    { replicas: 2 },
    { observedGeneration: 2, updatedReplicas: 2, replicas: 2, availableReplicas: 1 },
    'Waiting for deployment "web" rollout to finish: 1 of 2 updated replicas are available...',
  ],
  [
    'scaling down',
    { replicas: 1 },
    { observedGeneration: 2, updatedReplicas: 2, replicas: 2, availableReplicas: 2 },
    'Waiting for deployment "web" rollout to finish: 1 old replicas are pending termination...',
  ],
  ['done', { replicas: 2 }, { observedGeneration: 2, updatedReplicas: 2, replicas: 2, availableReplicas: 2 }, 'deployment "web" successfully rolled out'],
  ['nothing wanted', { replicas: 0 }, { observedGeneration: 2 }, 'deployment "web" successfully rolled out'],
  [
    'late',
    { replicas: 1 },
    { observedGeneration: 2, conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] },
    'deployment "web" exceeded its progress deadline',
  ],
])('a rollout that is %s', (_name, spec, status, text) => {
  expect(rollout(spec, status).text).toBe(text);
});

const pod = (container: Partial<ContainerStatus>, more: object = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', ...more },
    status: { phase: 'Running', containerStatuses: [{ name: 'app', image: '', imageID: '', ready: false, restartCount: 0, ...container }] },
  }) as Pod;

test.each([
  ['starting', pod({ state: { waiting: { reason: 'ContainerCreating' } } }), 'pending', undefined],
  ['running but not ready', pod({ state: { running: {} } }), 'launching', { final: false }],
  [
    'failed once',
    pod({ state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 0s' } }, lastState: { terminated: { exitCode: 1 } } }),
    'errored',
    { final: false },
  ],
  [
    'failed twice',
    pod({ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1 } } }),
    'errored',
    { final: true, previous: true },
  ],
  ['without an image', pod({ state: { waiting: { reason: 'ErrImagePull', message: 'tried' } } }), 'errored', { final: true, message: 'tried' }],
  ['ended and done', pod({ state: { terminated: { exitCode: 0 } } }, { annotations: { 'drover.dev/autorestart': 'false' } }), 'stopped', undefined],
  [
    'ended badly and not restarted',
    pod({ state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }, { annotations: { 'drover.dev/autorestart': 'false' } }),
    'errored',
    { final: true, message: 'killed because it ran out of memory' },
  ],
  ['going', pod({ state: { running: {} } }, { deletionTimestamp: 'x' }), 'stopping', undefined],
])('a replica that is %s', (_name, one, state, problem) => {
  expect(replicaState(one)).toBe(state);
  if (problem) expect(podProblem(one)).toMatchObject(problem);
  else expect(podProblem(one)).toBeUndefined();
});
