import { StatusError } from '../apimachinery/index.ts';

/** A namespace on its way out takes nothing new: that is no failure of whoever wanted to create something there. */
export const isNamespaceEnding = (error: unknown): boolean =>
  error instanceof StatusError && (error.status.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating');
