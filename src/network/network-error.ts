export type NetworkErrorCode = 'ERR_NETWORK_RANGE' | 'ERR_NETWORK_MODE' | 'ERR_NETWORK_COMMAND' | 'ERR_NETWORK_ADDRESSES' | 'ERR_NETWORK_STATE';

/** A failure of the network room that is not an answer of the API. The message says what was tried and what to do. */
export class NetworkError extends Error {
  readonly code: NetworkErrorCode;
  constructor(code: NetworkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NetworkError';
    this.code = code;
  }
}
