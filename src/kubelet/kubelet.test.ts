import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configMap, node as nodeKind, pod as podKind } from '../kinds/index.ts';
import { StartError } from '../runtimes/index.ts';
import { NodeUnderTest, sleeper } from './testing/node-under-test.ts';

let node: NodeUnderTest;
beforeEach(async () => {
  node = new NodeUnderTest();
  await node.start();
});
afterEach(() => node.close());

const condition = (pod: ReturnType<NodeUnderTest['pod']>, type: string) => pod?.status?.conditions?.find((one) => one.type === type)?.status;

describe('a pod', () => {
  it('gets address, sandbox and container, in this order, and becomes Ready', async () => {
    node.addPod('web', { containers: [sleeper()] });
    await node.settle();
    expect(node.machine.log).toEqual(['attach uid-web', 'sandbox uid-web', 'start uid-web/app/0']);
    const pod = node.pod('web');
    expect(pod?.status?.phase).toBe('Running');
    expect(condition(pod, 'Ready')).toBe('True');
    expect(pod?.status?.podIP).toBe('127.1.0.1');
    expect(pod?.status?.qosClass).toBe('BestEffort');
    expect(pod?.status?.containerStatuses?.[0]).toMatchObject({ containerID: 'drover://uid-web/app/0', ready: true, started: true, restartCount: 0 });
    expect(node.events).toEqual([
      'web Normal Pulled: Container image "busybox" already present on machine',
      'web Normal Created: Created container: app',
      'web Normal Started: Started container app',
    ]);
  });

  it('is written once when it comes up at once, and not again while nothing changes', async () => {
    node.addPod('web', { containers: [sleeper()] });
    await node.clock.advance(60_000);
    expect(node.api.statusWrites).toBeLessThanOrEqual(2);
  });

  it('is restarted in the turn in which its container ends, out of rotation meanwhile', async () => {
    node.addPod('web', { containers: [sleeper()] });
    await node.settle();
    node.machine.log.length = 0;
    node.machine.exit('uid-web/app/0', 1);
    // Promises only: neither a timer nor input or output lies between the end and the start.
    await new Promise((resolve) => process.nextTick(resolve));
    expect(node.machine.log.slice(0, 2)).toEqual(['withdraw 127.1.0.1', 'start uid-web/app/1']);
    await node.settle();
    expect(node.machine.log).toContain('admit 127.1.0.1');
    const status = node.pod('web')?.status?.containerStatuses?.[0];
    expect(status).toMatchObject({ restartCount: 1, ready: true, lastState: { terminated: { exitCode: 1, reason: 'Error' } } });
  });

  it('waits 10 s, then 20 s before it is restarted again, and says so', async () => {
    node.addPod('web', { containers: [sleeper()] });
    await node.settle();
    node.machine.exit('uid-web/app/0', 1);
    await node.settle();
    node.machine.exit('uid-web/app/1', 1);
    await node.settle();
    expect(node.pod('web')?.status?.containerStatuses?.[0]?.state?.waiting).toEqual({
      reason: 'CrashLoopBackOff',
      message: 'back-off 10s restarting failed container=app pod=web_default(uid-web)',
    });
    expect(node.events.at(-1)).toBe('web Warning BackOff: Back-off restarting failed container app in pod web_default(uid-web)');
    await node.clock.advance(9_900);
    expect(node.machine.containers.has('uid-web/app/2')).toBe(false);
    await node.clock.advance(200);
    expect(node.machine.containers.has('uid-web/app/2')).toBe(true);
    node.machine.exit('uid-web/app/2', 1);
    await node.clock.advance(19_000);
    expect(node.machine.containers.has('uid-web/app/3')).toBe(false);
    await node.clock.advance(1_100);
    expect(node.machine.containers.has('uid-web/app/3')).toBe(true);
    expect(node.machine.log).toContain('forget uid-web/app/0');
  });

  it('is stopped in order: withdraw, drain, preStop, SIGTERM, and then removed', async () => {
    node.addPod('web', { containers: [{ ...sleeper(), lifecycle: { preStop: { exec: { command: ['bye'] } } } }] });
    await node.settle();
    node.machine.log.length = 0;
    node.deletePod('web');
    await node.until(() => node.pod('web') === undefined);
    expect(node.machine.log).toEqual([
      'withdraw 127.1.0.1',
      'drain uid-web/app/0',
      'exec uid-web/app/0 bye',
      'SIGTERM uid-web/app/0',
      'remove uid-web',
      'detach uid-web',
    ]);
    await node.until(() => node.kubelet?.pods().length === 0);
  });

  it('that ignores SIGTERM is killed after its grace and not before', async () => {
    node.addPod('web', { containers: [sleeper()] });
    await node.settle();
    node.machine.endsOn = ['SIGKILL'];
    node.deletePod('web', 5);
    await node.clock.advance(4_900);
    expect(node.machine.log).not.toContain('SIGKILL uid-web/app/0');
    await node.clock.advance(200);
    expect(node.machine.log).toContain('SIGKILL uid-web/app/0');
    await node.clock.advance(100);
    await node.until(() => node.pod('web') === undefined);
  });

  it('runs init containers one by one, a sidecar beside, and stops the sidecar last', async () => {
    node.addPod('web', {
      initContainers: [sleeper('first'), { ...sleeper('side'), restartPolicy: 'Always' }, sleeper('second')],
      containers: [sleeper('app')],
    });
    await node.settle();
    const started = () => node.machine.log.filter((line) => line.startsWith('start')).map((line) => line.split('/')[1]);
    expect(started()).toEqual(['first']);
    expect(condition(node.pod('web'), 'Initialized')).toBe('False');
    expect(node.pod('web')?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('PodInitializing');
    node.machine.exit('uid-web/first/0', 0);
    await node.settle();
    expect(started()).toEqual(['first', 'side', 'second']);
    node.machine.exit('uid-web/second/0', 0);
    await node.settle();
    expect(started()).toEqual(['first', 'side', 'second', 'app']);
    expect(condition(node.pod('web'), 'Ready')).toBe('True');
    node.deletePod('web');
    await node.clock.advance(100);
    expect(node.machine.log.filter((line) => line.startsWith('SIGTERM'))).toEqual(['SIGTERM uid-web/app/0', 'SIGTERM uid-web/side/0']);
  });

  it('with restartPolicy Never ends as Succeeded or Failed and gives its address back', async () => {
    node.addPod('good', { restartPolicy: 'Never', containers: [sleeper()] });
    node.addPod('bad', { restartPolicy: 'Never', containers: [sleeper()] });
    await node.settle();
    node.machine.exit('uid-good/app/0', 0);
    node.machine.exit('uid-bad/app/0', 3);
    await node.settle();
    expect(node.pod('good')?.status?.phase).toBe('Succeeded');
    expect(node.pod('bad')?.status?.phase).toBe('Failed');
    expect(node.pod('bad')?.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect(node.machine.log).toContain('detach uid-good');
    node.deletePod('good');
    await node.clock.advance(100);
    await node.until(() => node.pod('good') === undefined);
  });

  it('past its activeDeadlineSeconds fails with DeadlineExceeded', async () => {
    node.addPod('job', { activeDeadlineSeconds: 5, containers: [sleeper()] });
    await node.clock.advance(6_000);
    expect(node.pod('job')?.status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
    expect(node.machine.log).toContain('SIGTERM uid-job/app/0');
  });

  it('waits for a missing ConfigMap key in Kubernetes words and starts when it appears', async () => {
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'cfg', key: 'a' } } }];
    node.addPod('web', { containers: [{ ...sleeper(), env }] });
    await node.settle();
    expect(node.pod('web')?.status?.containerStatuses?.[0]?.state?.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'configmap "cfg" not found',
    });
    node.api.put(configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cfg', namespace: 'default' }, data: { a: 'yes' } });
    await node.settle();
    expect(node.machine.configs.get('uid-web/app/0')?.env['A']).toBe('yes');
  });

  it('of an unknown image says what was tried, and starts when the image is registered', async () => {
    node.addPod('web', { containers: [{ name: 'app', image: 'product-service:v1.0.0' }] });
    await node.settle();
    const waiting = node.pod('web')?.status?.containerStatuses?.[0]?.state?.waiting;
    expect(waiting?.reason).toBe('ErrImagePull');
    expect(waiting?.message).toContain('drover image add product-service:v1.0.0 DIR');
    node.api.put(configMap, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'drover-images', namespace: 'kube-system' },
      data: { k: JSON.stringify({ name: 'product-service', tag: 'v1.0.0', directory: '/srv/product', command: ['node', 'server.js'] }) },
    });
    await node.settle();
    expect(node.machine.configs.get('uid-web/app/0')).toMatchObject({ command: ['node', 'server.js'], workingDirectory: '/srv/product' });
  });

  it('whose image is changed runs the new one at once, whatever its restart policy', async () => {
    const before = node.addPod('web', { restartPolicy: 'Never', containers: [sleeper()] });
    await node.settle();
    const seen = node.pod('web') ?? before;
    node.api.put(podKind, { ...seen, spec: { ...seen.spec, containers: [{ ...sleeper(), image: 'alpine' }] } });
    await node.until(() => node.machine.containers.get('uid-web/app/1')?.state === 'running');
    expect(node.events).toContain('web Normal Killing: Container app definition changed, will be restarted');
    await node.settle();
    expect(node.pod('web')?.status).toMatchObject({ phase: 'Running', containerStatuses: [{ image: 'alpine', restartCount: 1, ready: true }] });
    node.machine.exit('uid-web/app/1', 0);
    await node.settle();
    expect(node.pod('web')?.status?.phase).toBe('Succeeded');
  });

  it('whose command is missing shows RunContainerError and is tried again', async () => {
    node.machine.failStart = new StartError('ERR_START_COMMAND_NOT_FOUND', 'nope: not found in PATH');
    node.addPod('web', { containers: [sleeper()] });
    await node.settle();
    expect(node.pod('web')?.status?.containerStatuses?.[0]?.state?.waiting).toEqual({ reason: 'RunContainerError', message: 'nope: not found in PATH' });
    node.machine.failStart = undefined;
    await node.clock.advance(1_100);
    expect(condition(node.pod('web'), 'Ready')).toBe('True');
  });
});

describe("PM2's apps", () => {
  const annotations = { 'drover.dev/exec-mode': 'fork', 'drover.dev/min-uptime': '1000', 'drover.dev/max-restarts': '3' };

  it('are ready when they listen', async () => {
    node.addPod('app', { hostNetwork: true, containers: [sleeper()] }, { name: 'app', namespace: 'default', uid: 'uid-app', annotations });
    await node.settle();
    expect(condition(node.pod('app'), 'Ready')).toBe('False');
    node.machine.ports = [3000];
    await node.clock.advance(200);
    expect(condition(node.pod('app'), 'Ready')).toBe('True');
  });

  it('are ready after a second without a port when they live', async () => {
    node.addPod('app', { containers: [sleeper()] }, { name: 'app', namespace: 'default', uid: 'uid-app', annotations });
    await node.clock.advance(900);
    expect(condition(node.pod('app'), 'Ready')).toBe('False');
    await node.clock.advance(200);
    expect(condition(node.pod('app'), 'Ready')).toBe('True');
  });

  it('are errored after max-restarts short runs, and left alone', async () => {
    node.addPod('app', { containers: [sleeper()] }, { name: 'app', namespace: 'default', uid: 'uid-app', annotations });
    await node.settle();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      node.machine.exit(`uid-app/app/${attempt}`, 1);
      await node.clock.advance(500);
    }
    expect(node.machine.containers.has('uid-app/app/3')).toBe(false);
    expect(node.pod('app')?.status).toMatchObject({ phase: 'Running', containerStatuses: [{ state: { waiting: { reason: 'Errored' } }, restartCount: 2 }] });
    await node.clock.advance(600_000);
    expect(node.machine.containers.has('uid-app/app/3')).toBe(false);
  });
});

describe('a restart of the daemon', () => {
  it('adopts what runs: nothing is started, stopped or written anew', async () => {
    node.addPod('web', { containers: [sleeper()] });
    await node.settle();
    node.machine.exit('uid-web/app/0', 1);
    await node.settle();
    const before = node.pod('web');
    node.machine.log.length = 0;
    await node.restart();
    await node.clock.advance(30_000);
    expect(node.machine.log).toEqual(['attach uid-web', 'sandbox uid-web']);
    expect(node.pod('web')).toEqual(before);
  });

  it('counts a restart that happened while it was away', async () => {
    node.addPod('web', { containers: [sleeper()] });
    await node.settle();
    await node.kubelet?.close();
    node.machine.exit('uid-web/app/0', 7);
    await node.start();
    await node.settle();
    expect(node.pod('web')?.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, ready: true, lastState: { terminated: { exitCode: 7 } } });
  });

  it('stops pods that the API has forgotten, gracefully', async () => {
    node.addPod('web', { containers: [sleeper()] });
    await node.settle();
    await node.kubelet?.close();
    node.api.remove(podKind, 'web', 'default');
    node.machine.log.length = 0;
    await node.start();
    await node.until(() => node.machine.log.includes('detach uid-web'));
    expect(node.machine.log).toEqual(['withdraw 127.1.0.1', 'drain uid-web/app/0', 'SIGTERM uid-web/app/0', 'remove uid-web', 'detach uid-web']);
  });

  it('leaves everything alone when the store is new: the API knows neither node nor pods', async () => {
    node.addPod('web', { containers: [sleeper()] });
    await node.settle();
    await node.kubelet?.close();
    node.api.remove(podKind, 'web', 'default');
    node.api.remove(nodeKind, 'here');
    node.machine.log.length = 0;
    await node.start();
    await node.clock.advance(60_000);
    expect(node.machine.log).toEqual([]);
    expect(node.api.get(nodeKind, 'here')?.status?.conditions?.some((one) => one.reason === 'UnknownPods')).toBe(true);
  });

  it('leaves pods alone that the API has under another name of this machine', async () => {
    node.addPod('web', { containers: [sleeper()] });
    await node.settle();
    await node.kubelet?.close();
    const seen = node.pod('web');
    if (seen) node.api.put(podKind, { ...seen, spec: { containers: [], ...seen.spec, nodeName: 'former-name' } });
    node.machine.log.length = 0;
    await node.start();
    await node.clock.advance(60_000);
    expect(node.machine.log).toEqual([]);
  });

  it('goes on with a deletion where it was', async () => {
    node.addPod('web', { containers: [sleeper()] });
    await node.settle();
    node.machine.endsOn = ['SIGKILL'];
    node.deletePod('web', 10);
    await node.clock.advance(6_000);
    await node.restart();
    await node.clock.advance(5_500);
    expect(node.machine.log).toContain('SIGKILL uid-web/app/0');
    await node.clock.advance(100);
    await node.until(() => node.pod('web') === undefined);
  });
});

describe('an API that does not answer', () => {
  it('stops nothing; statuses are written when it is back', async () => {
    node.addPod('web', { containers: [sleeper()] });
    await node.settle();
    node.api.reachable = false;
    node.machine.exit('uid-web/app/0', 1);
    await node.clock.advance(30_000);
    expect(node.machine.containers.get('uid-web/app/1')?.state).toBe('running');
    node.api.reachable = true;
    await node.clock.advance(15_000);
    expect(node.pod('web')?.status?.containerStatuses?.[0]?.restartCount).toBe(1);
  });
});
