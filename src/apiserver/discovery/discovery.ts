import { createHash } from 'node:crypto';
import { unknownResource } from '../../apimachinery/index.ts';
import { mediaRanges } from '../request/accept.ts';
import type { Answer } from '../request/answer.ts';
import type { Call } from '../request/call.ts';
import { aggregated, coreVersions, groupDocument, groupList, resourceList } from './documents.ts';
import type { ServedGroup } from './groups.ts';

/** Answers the paths under /api and /apis that name no resource; undefined for all others. */
export type DiscoveryHandler = (call: Call) => Answer | undefined;

/** What a client asks for may be the aggregated form (newest version first) or the old one. */
function aggregatedVersion(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const { type, parameters } of mediaRanges(accept ?? '')) {
    if (type !== 'application/json') continue;
    if (parameters['as'] === undefined) return undefined;
    const version = parameters['v'];
    if (parameters['g'] === 'apidiscovery.k8s.io' && parameters['as'] === 'APIGroupDiscoveryList' && (version === 'v2' || version === 'v2beta1'))
      return version;
  }
  return undefined;
}

/** Documents never change while the server runs: each is built and serialised once, when first asked for. */
export function createDiscovery(groups: readonly ServedGroup[], serverAddress: () => string): DiscoveryHandler {
  const cache = new Map<string, { readonly object: object; readonly json: Buffer; readonly etag: string }>();
  const answer = (key: string, build: () => object, contentType?: string, conditional?: string): Answer => {
    let found = cache.get(key);
    if (!found) {
      const object = build();
      const json = Buffer.from(JSON.stringify(object));
      found = { object, json, etag: `"${createHash('sha512').update(json).digest('hex').toUpperCase()}"` };
      cache.set(key, found);
    }
    const { object, json, etag } = found;
    const headers = { etag, vary: 'Accept' };
    if (conditional !== undefined && conditional === etag)
      return { type: 'text', status: 304, text: '', contentType: contentType ?? 'application/json', headers };
    return { type: 'object', status: 200, object, json: () => [json], headers, ...(contentType ? { contentType } : {}) };
  };
  return ({ method, path, headers }) => {
    const [root, group, version, ...rest] = path.split('/').filter((part) => part !== '');
    if ((root !== 'api' && root !== 'apis') || rest.length > 0) return undefined;
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    const core = root === 'api';
    if (group === undefined) {
      const wanted = aggregatedVersion(headers['accept']);
      if (wanted) {
        const contentType = `application/json;g=apidiscovery.k8s.io;v=${wanted};as=APIGroupDiscoveryList`;
        return answer(`${root} ${wanted}`, () => aggregated(groups, core, wanted), contentType, headers['if-none-match']);
      }
      return answer(root, () => (core ? coreVersions(groups, serverAddress()) : groupList(groups)));
    }
    const name = core ? '' : group;
    const found = groups.find((one) => one.group === name);
    if (!found) throw unknownResource();
    if (!core && version === undefined) return answer(path, () => groupDocument(found));
    const served = found.versions.find((one) => one.version === (core ? group : version));
    if (!served || (core && version !== undefined)) throw unknownResource();
    return answer(path, () => resourceList(name, served));
  };
}
