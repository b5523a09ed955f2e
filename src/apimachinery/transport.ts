import type { KubeObject, WatchEvent } from './object.ts';

/** One request to an API server, wherever it is. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** For instance /apis/apps/v1/namespaces/default/deployments; without the query. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string | readonly string[] | undefined };
  readonly headers?: { readonly [lowerCaseName: string]: string };
  /** An object (sent as JSON, or handed over as it is in process) or raw bytes (then `content-type` must be given). */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** The answer to one request. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: { readonly [lowerCaseName: string]: string };
  /** The parsed JSON object; a string for text answers. In process it is frozen and shared: never change it. */
  readonly body: unknown;
  /** Texts of `Warning: 299` headers. */
  readonly warnings: readonly string[];
}

/** A way to an API server: in process, over the home's Unix socket, or HTTPS by kubeconfig. */
export interface Transport {
  /** Answers with whatever status the server gave; rejects only when no answer came. Callers turn 4xx/5xx into StatusError. */
  request(request: ApiRequest): Promise<ApiResponse>;
  /** Opens a watch (`watch=true` is added). Throws StatusError when it is refused. Ends when the server ends it or the signal aborts. */
  watch(request: ApiRequest): AsyncIterable<WatchEvent<KubeObject>>;
  /** Opens a byte stream (logs). Throws StatusError when it is refused. */
  stream(request: ApiRequest): Promise<AsyncIterable<Uint8Array>>;
  close(): void | Promise<void>;
}
