import { badRequest, type StatusError } from './status-error.ts';

/** The 400 for a body that cannot be decoded, or (with `strict decoding error: …`) not under fieldValidation=Strict. */
export const decodingError = (kind: string, version: string, why: string): StatusError =>
  badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`);

/** The texts of strict checks, as errors and warnings have them: duplicates first. */
export const strictTexts = (unknown: readonly string[], duplicates: readonly string[]): readonly string[] => [
  ...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`),
  ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
];

/** The 400 of fieldValidation=Strict. */
export const strictDecodingError = (kind: string, version: string, texts: readonly string[]): StatusError =>
  decodingError(kind, version, `strict decoding error: ${texts.join(', ')}`);
