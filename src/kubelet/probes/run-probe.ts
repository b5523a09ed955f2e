import type { Container, ContainerPort, HTTPGetAction, LifecycleHandler, Probe } from '../../kinds/index.ts';
import { errorText } from '../../std/index.ts';
import { probeGrpc } from './grpc-probe.ts';
import { httpTarget, probeHttp } from './http-probe.ts';
import { type ProbeAnswer, timeoutMs } from './probe-state.ts';
import { probeTcp } from './tcp-probe.ts';

/** Runs a command in a container; output is cut to a bounded size. */
export type RunInContainer = (
  containerId: string,
  command: readonly string[],
  limitMs: number,
) => Promise<{ readonly exitCode: number; readonly output: string; readonly timedOut: boolean }>;

export interface ProbeTarget {
  readonly containerId: string;
  /** The pod's address. */
  readonly host: string;
  readonly ports: readonly ContainerPort[];
}

/** A port by number or by the name of one of the container's ports; undefined when no port has that name. */
export function portNumber(port: number | string, ports: readonly ContainerPort[]): number | undefined {
  if (typeof port === 'number') return port;
  const named = ports.find((one) => one.name === port)?.containerPort;
  if (named !== undefined) return named;
  const number = Number(port);
  return Number.isInteger(number) && number > 0 && number < 65_536 ? number : undefined;
}

const unknownPort = (port: number | string): ProbeAnswer => ({ outcome: 'error', message: `couldn't find port: ${port}` });

/** Runs one probe once. Never rejects. */
export async function runProbe(probe: Probe, target: ProbeTarget, exec: RunInContainer): Promise<ProbeAnswer> {
  const limitMs = timeoutMs(probe);
  if (probe.exec) return probeExec(probe.exec.command ?? [], target, limitMs, exec);
  if (probe.httpGet) return runHttpGet(probe.httpGet, target, limitMs);
  if (probe.tcpSocket) {
    const port = portNumber(probe.tcpSocket.port, target.ports);
    return port === undefined ? unknownPort(probe.tcpSocket.port) : probeTcp(probe.tcpSocket.host ?? target.host, port, limitMs);
  }
  if (probe.grpc) return probeGrpc(target.host, probe.grpc.port, probe.grpc.service ?? '', limitMs);
  return { outcome: 'error', message: 'missing probe handler' };
}

/** One httpGet of a probe or a hook. */
async function runHttpGet(action: HTTPGetAction, target: ProbeTarget, limitMs: number): Promise<ProbeAnswer> {
  const port = portNumber(action.port, target.ports);
  return port === undefined ? unknownPort(action.port) : probeHttp(httpTarget(action, target.host, port), limitMs);
}

async function probeExec(command: readonly string[], target: ProbeTarget, limitMs: number, exec: RunInContainer): Promise<ProbeAnswer> {
  try {
    const { exitCode, output, timedOut } = await exec(target.containerId, command, limitMs);
    if (timedOut) return { outcome: 'failure', message: `command timed out: "${command.join(' ')}" timed out after ${limitMs / 1000}s` };
    return { outcome: exitCode === 0 ? 'success' : 'failure', message: output };
  } catch (error) {
    return { outcome: 'error', message: errorText(error) };
  }
}

/** Why a hook failed; undefined when it did not. `sleep` is left to the caller, who knows the clock. */
export async function runHandler(handler: LifecycleHandler, target: ProbeTarget, limitMs: number, exec: RunInContainer): Promise<string | undefined> {
  if (handler.exec) {
    const answer = await probeExec(handler.exec.command ?? [], target, limitMs, exec);
    return answer.outcome === 'success' ? undefined : `Exec lifecycle hook (${JSON.stringify(handler.exec.command ?? [])}) failed - ${answer.message}`;
  }
  if (handler.httpGet) {
    const answer = await runHttpGet(handler.httpGet, target, limitMs);
    return answer.outcome === 'success' ? undefined : `Http lifecycle hook (${handler.httpGet.path ?? '/'}) failed - ${answer.message}`;
  }
  return undefined;
}

/** The probes of a container, in the order in which they gate one another. */
export const probesOf = (container: Container): readonly (readonly ['startup' | 'liveness' | 'readiness', Probe])[] => [
  ...(container.startupProbe ? [['startup', container.startupProbe] as const] : []),
  ...(container.livenessProbe ? [['liveness', container.livenessProbe] as const] : []),
  ...(container.readinessProbe ? [['readiness', container.readinessProbe] as const] : []),
];
