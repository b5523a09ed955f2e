import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestInfo } from './request-info.ts';

/** Who asks. */
export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: { readonly [key: string]: readonly string[] };
}

/** What the way a request came in says about its sender; authenticators turn it into a User. */
export type Credentials =
  | { readonly type: 'in-process'; readonly user: User }
  | { readonly type: 'unix-socket' }
  | { readonly type: 'tls'; readonly certificate?: { readonly commonName: string; readonly organizations: readonly string[] } | 'rejected' };

/** A body as it came: an object handed over in process, bytes, or nothing. */
export type Body = { readonly type: 'none' } | { readonly type: 'object'; readonly value: unknown } | { readonly type: 'bytes'; readonly bytes: Buffer };

/** The connection of a request that asks to be upgraded (exec); handlers that take it answer with `hijacked`. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** One request on its way through the filters to a handler. Filters pass on copies; only `warnings` grows. */
export interface Call {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: { readonly [lowerCaseName: string]: string | undefined };
  readonly credentials: Credentials;
  readonly info: RequestInfo;
  /** Set by the authentication filter. */
  readonly user: User;
  /** Reads the body once; later calls return the same. Rejects with 413. */
  readonly body: () => Promise<Body>;
  readonly upgrade?: Upgrade;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** Adds a `Warning: 299` header; the same text is sent once. */
  readonly warn: (text: string) => void;
}

/** The user before authentication and of requests without credentials. */
export const ANONYMOUS: User = Object.freeze({ name: 'system:anonymous', groups: Object.freeze(['system:unauthenticated']) });

/** Whom the Unix socket and the daemon's own parts act as. */
export const ADMIN: User = Object.freeze({ name: 'kubernetes-admin', groups: Object.freeze(['system:masters', 'system:authenticated']) });

/** Whether a query parameter is present and true in Kubernetes' sense: empty, 1, t and true are. */
export function queryFlag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== 'false' && value !== '0' && value !== 'f' && value !== 'F' && value !== 'False' && value !== 'FALSE';
}
