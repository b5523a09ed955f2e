import { describe, expect, it } from 'vitest';
import type { Status } from '../../apimachinery/index.ts';
import { type Answer, objectAnswer } from '../request/answer.ts';
import { ANONYMOUS, type Call, type User } from '../request/call.ts';
import { requestInfo } from '../request/request-info.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { testServer } from '../testing/test-server.ts';
import { adminGroupAuthorizer } from './authorization.ts';
import { withErrors } from './errors.ts';
import { chain, type Filter, type Handler } from './filter.ts';
import { withInFlightLimit } from './in-flight.ts';
import { withTimeout } from './timeout.ts';

const call = (method: string, url: string): Call => {
  const query = new URLSearchParams(url.split('?')[1] ?? '');
  const path = url.split('?')[0] ?? '';
  return {
    id: '1',
    method,
    path,
    query,
    headers: {},
    credentials: { type: 'tls' },
    info: requestInfo(method, path, query),
    user: ANONYMOUS,
    body: async () => ({ type: 'none' }),
    signal: new AbortController().signal,
    warn: () => undefined,
  };
};
const statusOf = (answer: Answer): Status => (answer as { readonly object: Status }).object;
const through = (filter: Filter, handler: Handler) => chain([withErrors(() => undefined), filter], handler);

describe('filters', () => {
  it('answer 504 when a request takes too long, but let a watch take its time', async () => {
    const clock = new ManualClock();
    let finish: ((answer: Answer) => void) | undefined;
    const handle = through(withTimeout(clock, 60_000), () => new Promise((resolve) => (finish = resolve)));
    const slow = handle(call('GET', '/api/v1/pods'));
    clock.advance(60_000);
    expect(statusOf(await slow)).toMatchObject({ code: 504, reason: 'Timeout' });
    const watch = handle(call('GET', '/api/v1/pods?watch=true'));
    clock.advance(600_000);
    finish?.(objectAnswer(200, {}));
    expect(await watch).toMatchObject({ status: 200 });
  });

  it('answer 429 with Retry-After when too many requests are under way, and recover', async () => {
    let finish: (() => void) | undefined;
    const handle = through(withInFlightLimit({ readOnly: 1, mutating: 1 }), async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return objectAnswer(200, {});
    });
    const first = handle(call('GET', '/api/v1/pods'));
    const second = await handle(call('GET', '/api/v1/pods'));
    expect([statusOf(second).reason, second.type === 'object' && second.headers]).toEqual(['TooManyRequests', { 'retry-after': '1' }]);
    finish?.();
    await first;
    const third = handle(call('GET', '/api/v1/pods'));
    finish?.();
    expect(await third).toMatchObject({ status: 200 });
  });

  it('turn what a handler throws into a Status and report it', async () => {
    const heard: string[] = [];
    const handle = chain([withErrors((error, id) => heard.push(`${id} ${error.message}`))], () => Promise.reject(new TypeError('x is not a function')));
    expect(statusOf(await handle(call('GET', '/')))).toMatchObject({
      code: 500,
      reason: 'InternalError',
      message: 'Internal error occurred: x is not a function',
    });
    expect(heard).toEqual(['1 Internal error occurred: x is not a function']);
  });

  it('refuse who may not, in the words of Kubernetes', async () => {
    const api = await testServer();
    const someone: User = { name: 'jane', groups: ['system:authenticated'] };
    const transport = api.server.inProcessTransport(someone);
    const message = async (path: string) => ((await transport.request({ method: 'GET', path })).body as Status).message;
    expect(await message('/api/v1/namespaces/default/pods')).toBe(
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    expect(await message('/apis/apps/v1/deployments')).toBe(
      'deployments.apps is forbidden: User "jane" cannot list resource "deployments" in API group "apps" at the cluster scope',
    );
    expect(await message('/metrics')).toBe('forbidden: User "jane" cannot get path "/metrics"');
    expect((await transport.request({ method: 'GET', path: '/api' })).status).toBe(200);
    const review = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    expect((await transport.request({ method: 'POST', path, body: review })).body).toMatchObject({ status: { allowed: false } });
    expect(await api.ok('POST', path, review)).toMatchObject({ status: { allowed: true } });
    expect(adminGroupAuthorizer.rulesFor(someone, 'default')).toMatchObject({ incomplete: false });
  });
});
