import { describe, expect, it } from 'vitest';
import { requestInfo } from './request-info.ts';

const info = (method: string, url: string) => {
  const [path = '', search = ''] = url.split('?');
  return requestInfo(method, path, new URLSearchParams(search));
};
const resource = { type: 'resource', group: '', version: 'v1', resource: 'pods', subresource: '', namespace: '', name: '' };

describe('what a request is about', () => {
  it.each([
    ['GET', '/api/v1/pods', { ...resource, verb: 'list' }],
    ['GET', '/api/v1/pods?watch=true', { ...resource, verb: 'watch' }],
    ['GET', '/api/v1/pods?watch=0', { ...resource, verb: 'list' }],
    ['GET', '/api/v1/watch/namespaces/a/pods', { ...resource, verb: 'watch', namespace: 'a' }],
    ['GET', '/api/v1/namespaces/a/pods/p', { ...resource, verb: 'get', namespace: 'a', name: 'p' }],
    ['GET', '/api/v1/namespaces/a/pods/p?watch=true', { ...resource, verb: 'watch', namespace: 'a', name: 'p' }],
    ['GET', '/api/v1/namespaces/a/pods/p/log', { ...resource, verb: 'get', namespace: 'a', name: 'p', subresource: 'log' }],
    ['DELETE', '/api/v1/namespaces/a/pods', { ...resource, verb: 'deletecollection', namespace: 'a' }],
    ['DELETE', '/api/v1/namespaces/a/pods/p', { ...resource, verb: 'delete', namespace: 'a', name: 'p' }],
    ['POST', '/api/v1/namespaces/a/pods/p/binding', { ...resource, verb: 'create', namespace: 'a', name: 'p', subresource: 'binding' }],
    ['GET', '/api/v1/namespaces', { ...resource, resource: 'namespaces', verb: 'list' }],
    ['GET', '/api/v1/namespaces/a', { ...resource, resource: 'namespaces', verb: 'get', namespace: 'a', name: 'a' }],
    ['PUT', '/api/v1/namespaces/a/finalize', { ...resource, resource: 'namespaces', verb: 'update', namespace: 'a', name: 'a', subresource: 'finalize' }],
    [
      'PATCH',
      '/apis/apps/v1/namespaces/a/deployments/d/scale',
      { ...resource, group: 'apps', resource: 'deployments', verb: 'patch', namespace: 'a', name: 'd', subresource: 'scale' },
    ],
    ['GET', '/api/v1/namespaces/a/configmaps/b%20c', { ...resource, resource: 'configmaps', verb: 'get', namespace: 'a', name: 'b c' }],
    ['GET', '/apis/apps/v1', { type: 'path', verb: 'get', path: '/apis/apps/v1' }],
    ['GET', '/readyz', { type: 'path', verb: 'get', path: '/readyz' }],
    ['GET', '/api/v1/pods/%', { type: 'path', verb: 'get', path: '/api/v1/pods/%' }],
  ])('%s %s', (method, url, expected) => expect(info(method, url)).toEqual(expected));
});
