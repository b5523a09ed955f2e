/** What the user asked for cannot be done; the message is all they need to read. Exit code 1 unless said otherwise. */
export class CliError extends Error {
  readonly exitCode: number;
  /** The next command, or what to change. */
  readonly hint: string | undefined;

  constructor(message: string, options: { readonly hint?: string; readonly exitCode?: number; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CliError';
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The command was not understood: exit code 2. */
export class UsageError extends CliError {
  constructor(message: string, hint?: string) {
    super(message, { exitCode: 2, ...(hint ? { hint } : {}) });
    this.name = 'UsageError';
  }
}
