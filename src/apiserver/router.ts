import { badRequest, methodNotAllowed, unknownResource } from '../apimachinery/index.ts';
import type { DiscoveryHandler } from './discovery/discovery.ts';
import type { Authorizer } from './filters/authorization.ts';
import type { Handler } from './filters/filter.ts';
import { type HealthCheck, health } from './nonresource/health.ts';
import type { ApiServerMetrics } from './nonresource/metrics.ts';
import { type VersionInfo, versionAnswer } from './nonresource/version.ts';
import type { OpenApiHandler } from './openapi/openapi.ts';
import type { Registry } from './registry/registry.ts';
import { type Answer, objectAnswer } from './request/answer.ts';
import { readObject } from './request/body.ts';
import type { Call } from './request/call.ts';
import type { ResourceRequest } from './request/request-info.ts';
import { REVIEWS } from './reviews/index.ts';
import { dispatch } from './verbs/dispatch.ts';
import type { HandlerContext, VerbHandler } from './verbs/handler.ts';

export interface RouterParts {
  readonly context: HandlerContext;
  readonly discovery: DiscoveryHandler;
  readonly openApi: OpenApiHandler;
  readonly subresources: { readonly [name: string]: VerbHandler };
  readonly authorizer: Authorizer;
  readonly checks: readonly HealthCheck[];
  readonly version: VersionInfo;
  readonly metrics: ApiServerMetrics;
}

/** The end of the filter chain: finds who answers a request. */
export function createRouter(parts: RouterParts): Handler {
  const { registry } = parts.context;
  return async (call): Promise<Answer> => {
    const { info } = call;
    if (info.type === 'path') {
      const answer = parts.discovery(call) ?? (await parts.openApi(call)) ?? health(call, parts.checks) ?? other(call);
      if (!answer) throw unknownResource();
      return answer;
    }
    if (info.verb === 'options' || info.verb === 'head') throw methodNotAllowed({ group: info.group, resource: info.resource }, info.verb);
    return (await review(call, info)) ?? dispatch(parts.context, call, info, parts.subresources);
  };

  function other({ path, method }: Call): Answer | undefined {
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    if (path === '/version' || path === '/version/') return versionAnswer(parts.version);
    if (path === '/metrics') return { type: 'text', status: 200, text: metricsText(registry), contentType: 'text/plain; version=0.0.4; charset=utf-8' };
    if (path === '/')
      return objectAnswer(200, { paths: ['/api', '/apis', '/healthz', '/livez', '/metrics', '/openapi/v2', '/openapi/v3', '/readyz', '/version'] });
    return undefined;
  }

  function metricsText({ kinds, store }: Registry): string {
    const counts = kinds
      .filter((kind) => !kind.storedAs)
      .map((kind) => ({
        resource: kind.group ? `${kind.plural}.${kind.group}` : kind.plural,
        count: store.count(`/${kind.group || 'core'}/${kind.plural}/`),
      }));
    return parts.metrics.text(counts, store.revision);
  }

  async function review(call: Call, info: ResourceRequest): Promise<Answer | undefined> {
    const found = REVIEWS.find(({ served }) => served.group === info.group && served.version === info.version && served.plural === info.resource);
    if (!found) return undefined;
    const subject = { group: info.group, resource: info.resource };
    if (info.verb !== 'create' || info.name !== '') throw methodNotAllowed(subject, info.verb);
    if (info.namespace !== '') throw badRequest(`${info.resource} have no namespace`);
    const body = await readObject(call, found.served, registry.definitions);
    return objectAnswer(201, await found.answer(body, call.user, parts.authorizer));
  }
}
