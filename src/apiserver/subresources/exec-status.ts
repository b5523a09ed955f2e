import type { Status } from '../../apimachinery/index.ts';
import { statusErrorOf } from '../filters/errors.ts';

/** How a command's end is told to the client: a Status that carries the exit code as a cause. */
export function exitStatus(exitCode: number): Status {
  if (exitCode === 0) return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
    code: 500,
  };
}

/** How a command that could not be run is told. */
export const failureStatus = (error: unknown): Status => statusErrorOf(error).status;

/** Terminal sizes as clients send them: {"Width":80,"Height":24}. Undefined for anything else. */
export function terminalSize(text: string): { readonly width: number; readonly height: number } | undefined {
  try {
    const { Width: width, Height: height } = JSON.parse(text) as { readonly Width?: unknown; readonly Height?: unknown };
    return typeof width === 'number' && typeof height === 'number' && width > 0 && height > 0 ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}
