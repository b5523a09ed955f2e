import type { Registry } from '../registry/registry.ts';
import type { Resource } from '../registry/resource.ts';
import type { Answer } from '../request/answer.ts';
import type { Call } from '../request/call.ts';
import type { ResourceRequest } from '../request/request-info.ts';
import type { WatchFrames } from './watch-frames.ts';

/** A request for a served kind, with what its handler needs. */
export interface ResourceCall extends Call {
  readonly info: ResourceRequest;
  readonly resource: Resource;
}

/** What handlers share. */
export interface HandlerContext {
  readonly registry: Registry;
  readonly frames: WatchFrames;
}

export type VerbHandler = (context: HandlerContext, call: ResourceCall) => Promise<Answer>;
