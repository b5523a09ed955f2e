import { badRequest, StatusError } from '../status-error.ts';

/** The 422 for a well-formed patch that does not fit the object. Kubernetes sends the message alone; the cause says which part and why. */
export const patchDoesNotApply = (path: string, why: string): StatusError =>
  new StatusError({
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
    causes: [{ reason: 'FieldValueInvalid', message: why, field: path }],
  });

/** The 400 for a body that is no patch at all. */
export const malformedPatch = (why: string): StatusError => badRequest(`error decoding patch: ${why}`);
