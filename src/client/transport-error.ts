/** No answer came from the API server. `sent` tells whether the request may have reached it (and so may have been carried out). */
export class TransportError extends Error {
  readonly code: 'ERR_API_UNREACHABLE' | 'ERR_API_CONNECTION_LOST' | 'ERR_API_BAD_ANSWER';
  readonly sent: boolean;

  constructor(code: TransportError['code'], message: string, options: { readonly sent: boolean; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TransportError';
    this.code = code;
    this.sent = options.sent;
  }
}
