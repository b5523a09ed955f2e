/** What is thrown, in words: the message of an error, anything else as text. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The `code` of a system error (ENOENT and the like) or of one of our own; undefined when it has none. */
export const errorCode = (error: unknown): string | undefined => {
  const code = typeof error === 'object' && error !== null ? (error as { readonly code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
};
