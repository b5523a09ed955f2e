/** One app, checked and completed: every value is what will be done. Times in milliseconds; paths absolute. */
export interface App {
  /** As the user wrote it. */
  readonly name: string;
  readonly objectName: string;
  readonly namespace: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  /** What was asked to run: shown in lists. */
  readonly script: string;
  readonly cwd: string;
  readonly instances: number;
  readonly execMode: 'cluster' | 'fork';
  /** The whole environment. */
  readonly env: { readonly [name: string]: string };
  readonly version?: string;
  readonly waitReady?: boolean;
  readonly listenTimeoutMs?: number;
  readonly killTimeoutMs?: number;
  readonly autorestart?: boolean;
  readonly maxRestarts?: number;
  readonly minUptimeMs?: number;
  readonly outFile?: string;
  readonly errorFile?: string;
}
