import { expect, test } from 'vitest';
import { type ApiRequest, type KubeObject, StatusError } from '../apimachinery/index.ts';
import { createApiClient } from './api-client.ts';
import { createEventRecorder } from './event-recorder.ts';
import { ManualClock, settled } from './manual-clock.ts';
import { TransportError } from './transport-error.ts';

const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '7' } };

/** A server that keeps what was written, and refuses as told. */
function setUp(refuse: (request: ApiRequest) => Error | undefined = () => undefined) {
  const clock = new ManualClock();
  const written: { method: string; body: Record<string, unknown> }[] = [];
  const client = createApiClient(
    {
      async request(request) {
        const error = refuse(request);
        if (error instanceof StatusError) return { status: error.code, headers: {}, body: error.status, warnings: [] };
        if (error) throw error;
        const body = request.body as Record<string, unknown>;
        written.push({ method: request.method, body });
        const name = request.method === 'POST' ? (body['metadata'] as { name: string }).name : request.path.split('/').at(-1);
        return { status: 200, headers: {}, body: { ...body, metadata: { name, namespace: 'shop' } }, warnings: [] };
      },
      watch: () => {
        throw new Error('not needed');
      },
      stream: () => Promise.reject(new Error('not needed')),
      close: () => undefined,
    },
    { clock },
  );
  const errors: unknown[] = [];
  const recorder = createEventRecorder(client, { component: 'kubelet', clock, host: 'node-1', onError: (error) => errors.push(error) });
  return { clock, recorder, written, errors };
}

test('an event carries what Kubernetes puts into it, times included', async () => {
  const { recorder, written } = setUp();
  recorder.event(pod, 'Warning', 'BackOff', 'x'.repeat(2_000), { fieldPath: 'spec.containers{web}' });
  await recorder.close();
  expect(written[0]?.body).toMatchObject({
    metadata: { namespace: 'shop', name: expect.stringMatching(/^web\.[0-9a-f]+$/) },
    involvedObject: { kind: 'Pod', name: 'web', uid: 'u1', fieldPath: 'spec.containers{web}' },
    count: 1,
    firstTimestamp: '2030-01-01T00:00:00Z',
    lastTimestamp: '2030-01-01T00:00:00Z',
    source: { component: 'kubelet', host: 'node-1' },
    type: 'Warning',
  });
  expect(String(written[0]?.body['message']).length).toBe(1_024);
});

test('the same event again raises the count of the first', async () => {
  const { clock, recorder, written } = setUp();
  for (let i = 0; i < 3; i++) {
    recorder.event(pod, 'Normal', 'Pulled', 'again');
    await clock.advance(1_000);
  }
  await recorder.close();
  expect(written.map(({ method, body }) => `${method} ${body['count']} ${body['lastTimestamp']}`)).toEqual([
    'POST 1 2030-01-01T00:00:00Z',
    'PATCH 2 2030-01-01T00:00:01Z',
    'PATCH 3 2030-01-01T00:00:02Z',
  ]);
});

test('more than ten similar events become one combined event', async () => {
  const { recorder, written } = setUp();
  for (let i = 0; i < 14; i++) recorder.event(pod, 'Warning', 'Unhealthy', `probe ${i}`);
  await recorder.close();
  expect(written.filter(({ method }) => method === 'POST').length).toBe(11);
  expect(written.at(-1)?.body).toMatchObject({ count: 4, message: '(combined from similar events): probe 13' });
});

test('a flood about one object is cut at 25', async () => {
  const { recorder, written } = setUp();
  for (let i = 0; i < 100; i++) recorder.event(pod, 'Normal', `Reason${i}`, 'm');
  await recorder.close();
  expect(written.length).toBe(25);
});

test('an event waits for a server that is away, and is written once it is back', async () => {
  let away = true;
  const { clock, recorder, written } = setUp(() => (away ? new TransportError('ERR_API_UNREACHABLE', 'away', { sent: false }) : undefined));
  recorder.event(pod, 'Normal', 'Started', 'm');
  await clock.advance(2_000);
  expect(written).toEqual([]);
  away = false;
  await clock.advance(20_000);
  expect(written.length).toBe(1);
  await recorder.close();
  expect(clock.pendingTimers).toBe(0);
});

test('a refused event is told to the error handler and does not hold up the next', async () => {
  const { recorder, written, errors } = setUp((request) =>
    (request.body as { reason: string }).reason === 'No' ? new StatusError({ code: 403, reason: 'Forbidden', message: 'namespace is going' }) : undefined,
  );
  recorder.event(pod, 'Normal', 'No', 'm');
  recorder.event(pod, 'Normal', 'Yes', 'm');
  await settled();
  await recorder.close();
  expect([errors.length, written.length]).toEqual([1, 1]);
});
