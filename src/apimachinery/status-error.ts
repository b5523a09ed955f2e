import { type FieldError, fieldErrorText } from './field-error.ts';
import type { Status, StatusCause } from './object.ts';

/** Group and plural name (or kind, for `invalid`) of what an error is about; group '' is the core group. */
export interface Subject {
  readonly group: string;
  /** Plural resource name; for `invalid` the kind. */
  readonly resource: string;
}

interface StatusErrorOptions {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly subject?: Subject;
  readonly name?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

const qualified = (subject: Subject): string => (subject.group ? `${subject.resource}.${subject.group}` : subject.resource);

/** A failure of the API, carried as the Status object that clients get. */
export class StatusError extends Error {
  readonly status: Status;
  readonly code: number;
  readonly reason: string;

  constructor(options: StatusErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StatusError';
    this.code = options.code;
    this.reason = options.reason;
    const details = {
      ...(options.name ? { name: options.name } : {}),
      ...(options.subject?.group ? { group: options.subject.group } : {}),
      ...(options.subject ? { kind: options.subject.resource } : {}),
      ...(options.causes ? { causes: options.causes } : {}),
      ...(options.retryAfterSeconds ? { retryAfterSeconds: options.retryAfterSeconds } : {}),
    };
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: options.message,
      reason: options.reason,
      ...(Object.keys(details).length > 0 ? { details } : {}),
      code: options.code,
    };
  }

  /** The error that a Status received from a server stands for. */
  static from(status: Status): StatusError {
    const error = new StatusError({ code: status.code ?? 500, reason: status.reason ?? 'Unknown', message: status.message ?? 'unknown error' });
    Object.assign(error, { status });
    return error;
  }
}

export const badRequest = (message: string): StatusError => new StatusError({ code: 400, reason: 'BadRequest', message });
export const unauthorized = (message = 'Unauthorized'): StatusError => new StatusError({ code: 401, reason: 'Unauthorized', message });
export const forbidden = (subject: Subject, name: string, why: string): StatusError =>
  new StatusError({ code: 403, reason: 'Forbidden', message: `${qualified(subject)}${name ? ` "${name}"` : ''} is forbidden: ${why}`, subject, name });
export const notFound = (subject: Subject, name: string): StatusError =>
  new StatusError({ code: 404, reason: 'NotFound', message: `${qualified(subject)} "${name}" not found`, subject, name });
/** What a path that no kind serves gets. */
export const unknownResource = (): StatusError =>
  new StatusError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' });
export const methodNotAllowed = (subject: Subject, verb: string): StatusError =>
  new StatusError({ code: 405, reason: 'MethodNotAllowed', message: `${verb} is not supported on resources of kind "${qualified(subject)}"`, subject });
export const notAcceptable = (message: string): StatusError => new StatusError({ code: 406, reason: 'NotAcceptable', message });
export const alreadyExists = (subject: Subject, name: string): StatusError =>
  new StatusError({ code: 409, reason: 'AlreadyExists', message: `${qualified(subject)} "${name}" already exists`, subject, name });
export const conflict = (subject: Subject, name: string, why: string, causes?: readonly StatusCause[]): StatusError =>
  new StatusError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${why}`,
    subject,
    name,
    ...(causes ? { causes } : {}),
  });
/** The conflict of a compare-and-swap, in Kubernetes' words. */
export const staleObject = (subject: Subject, name: string): StatusError =>
  conflict(subject, name, 'the object has been modified; please apply your changes to the latest version and try again');
export const expired = (message: string): StatusError => new StatusError({ code: 410, reason: 'Expired', message });
export const requestTooLarge = (message: string): StatusError => new StatusError({ code: 413, reason: 'RequestEntityTooLarge', message });
export const unsupportedMediaType = (message: string): StatusError => new StatusError({ code: 415, reason: 'UnsupportedMediaType', message });
export const tooManyRequests = (message: string, retryAfterSeconds: number): StatusError =>
  new StatusError({ code: 429, reason: 'TooManyRequests', message, retryAfterSeconds });
export const internalError = (message: string, cause?: unknown): StatusError =>
  new StatusError({ code: 500, reason: 'InternalError', message: `Internal error occurred: ${message}`, cause });
export const serviceUnavailable = (message: string): StatusError => new StatusError({ code: 503, reason: 'ServiceUnavailable', message });
export const timeoutError = (message: string): StatusError => new StatusError({ code: 504, reason: 'Timeout', message });

/** 422 for a kind's object: `Deployment.apps "x" is invalid: [a: …, b: …]` (without brackets when it is one error). */
export function invalid(group: string, kind: string, name: string, errors: readonly FieldError[]): StatusError {
  const texts = errors.map(fieldErrorText);
  const subject = { group, resource: kind };
  return new StatusError({
    code: 422,
    reason: 'Invalid',
    message: `${qualified(subject)} "${name}" is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`,
    subject,
    name,
    causes: errors.map((error) => ({ reason: error.type, message: error.detail, field: error.field })),
  });
}

export const isStatusReason = (error: unknown, reason: string): error is StatusError => error instanceof StatusError && error.reason === reason;
export const isNotFound = (error: unknown): boolean => isStatusReason(error, 'NotFound');
export const isConflict = (error: unknown): boolean => isStatusReason(error, 'Conflict');
export const isAlreadyExists = (error: unknown): boolean => isStatusReason(error, 'AlreadyExists');
