import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import type { Container, Pod } from '../../kinds/index.ts';
import type { ContainerConfig, ContainerMount, SandboxNetwork } from '../../runtimes/index.ts';
import { ConfigError } from '../env/config-error.ts';
import { containerEnv } from '../env/container-env.ts';
import { expand } from '../env/expand.ts';
import { containerResources } from '../env/resource-field.ts';
import { commandOf, HOST_IMAGE, type ResolvedImage } from '../images/resolve-image.ts';
import { containerMounts } from '../volumes/pod-volumes.ts';
import { EXEC_MODE } from './container-track.ts';
import type { WorkerParts } from './worker-parts.ts';

type Parts = Pick<WorkerParts, 'home' | 'sources' | 'machine' | 'environment' | 'logLimits' | 'nodeAddress'>;

export interface ConfigInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly attempt: number;
  readonly image: ResolvedImage;
  readonly network: SandboxNetwork;
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const PASSED_ON = ['HOME', 'LANG', 'TZ', 'USER'];

/** <logs>/pods/<ns>_<pod>_<uid> */
export const podLogDirectory = (logs: string, pod: Pod): string => join(logs, 'pods', `${pod.metadata.namespace}_${pod.metadata.name}_${pod.metadata.uid}`);

/** The file in which a run may leave its last words. */
export const terminationFile = (podsDirectory: string, uid: string, container: string, attempt: number): string =>
  join(podsDirectory, uid, 'termination', `${container}-${attempt}`);

/** The environment that is there before the container's own: this machine's bare necessities, the image's program path, what the network needs. */
function baseEnvironment(
  parts: Pick<Parts, 'environment'>,
  image: Pick<ResolvedImage, 'pathPrefix'>,
  network: SandboxNetwork,
): { readonly [name: string]: string } {
  const base: { [name: string]: string } = {};
  for (const name of PASSED_ON) {
    const value = parts.environment[name];
    if (value !== undefined) base[name] = value;
  }
  const path = parts.environment['PATH'] || DEFAULT_PATH;
  base['PATH'] = image.pathPrefix === undefined || path.split(delimiter)[0] === image.pathPrefix ? path : `${image.pathPrefix}${delimiter}${path}`;
  return { ...base, ...network.env };
}

/** Everything the runtime must know to start one attempt. Runs without waiting unless the container has volumes. Throws ConfigError. */
export async function containerConfig(input: ConfigInput, parts: Parts): Promise<ContainerConfig> {
  const { pod, container, attempt, image, network } = input;
  const uid = pod.metadata.uid ?? '';
  const fields = { podIP: network.ip, hostIP: parts.nodeAddress };
  const given = containerEnv({
    pod,
    container,
    fields,
    sources: parts.sources,
    machine: parts.machine,
    hostname: pod.spec?.hostNetwork ? hostname() : (pod.spec?.hostname ?? pod.metadata.name ?? ''),
    base: baseEnvironment(parts, image, network),
  });
  const command = commandOf(container, image).map((part) => expand(part, (name) => given[name]));
  const env = withHeapSize(given, command, container);
  const annotations = pod.metadata.annotations ?? {};
  const mode = annotations[EXEC_MODE];
  const user = userOf(pod, container);
  const volumes = container.volumeMounts?.length ? await containerMounts(parts.home.pods, pod, container, env) : [];
  const outFile = annotations['drover.dev/out-file'];
  const errorFile = annotations['drover.dev/error-file'];
  return {
    id: `${uid}/${container.name}/${attempt}`,
    sandboxId: uid,
    name: container.name,
    attempt,
    command,
    workingDirectory: workingDirectory(container, image),
    env,
    ...(user ? { user } : {}),
    mounts: [...volumes, ...terminationMount(input, parts, volumes.length > 0)],
    resources: containerResources(container),
    logPath: join(podLogDirectory(parts.home.logs, pod), container.name, `${attempt}.log`),
    logLimits: parts.logLimits,
    ...(outFile === undefined && errorFile === undefined
      ? {}
      : { copies: { ...(outFile === undefined ? {} : { stdout: outFile }), ...(errorFile === undefined ? {} : { stderr: errorFile }) } }),
    // Nobody can attach, and a program whose input never comes and never ends would wait for ever.
    stdin: false,
    tty: container.tty === true,
    inject: mode === 'cluster' ? 'shared-port' : network.mode === 'loopback' ? 'pod-address' : 'none',
    ipc: mode === 'cluster' || annotations['drover.dev/wait-ready'] === 'true',
  };
}

function workingDirectory(container: Container, image: ResolvedImage): string {
  if (container.workingDir) return container.workingDir;
  if (image.workingDirectory !== undefined) return image.workingDirectory;
  if (image.id === HOST_IMAGE)
    throw new ConfigError(`container "${container.name}" runs a command of this machine (image ${HOST_IMAGE}) and needs a workingDir`);
  return '/';
}

/** A Node program with a memory limit gets its heap sized to three quarters of it, unless its user chose a size. */
function withHeapSize(env: { readonly [name: string]: string }, command: readonly string[], container: Container): { readonly [name: string]: string } {
  const limit = containerResources(container).memoryLimitBytes;
  const options = env['NODE_OPTIONS'] ?? '';
  const chosen = [options, ...command].some((part) => /max[-_]old[-_]space[-_]size/.test(part));
  if (limit === undefined || chosen || basename(command[0] ?? '') !== 'node') return env;
  const megabytes = Math.max(Math.floor((limit * 0.75) / 1_048_576), 16);
  return { ...env, NODE_OPTIONS: `${options} --max-old-space-size=${megabytes}`.trim() };
}

function userOf(pod: Pod, container: Container): ContainerConfig['user'] {
  const { runAsUser: podUser, runAsGroup: podGroup, runAsNonRoot: podNonRoot, supplementalGroups, fsGroup } = pod.spec?.securityContext ?? {};
  const uid = container.securityContext?.runAsUser ?? podUser;
  const gid = container.securityContext?.runAsGroup ?? podGroup;
  const groups = [...(supplementalGroups ?? []), ...(fsGroup === undefined ? [] : [fsGroup])];
  const nonRoot = container.securityContext?.runAsNonRoot ?? podNonRoot ?? false;
  if (nonRoot && (uid ?? process.getuid?.() ?? 0) === 0)
    throw new ConfigError(
      `container has runAsNonRoot and ${uid === 0 ? 'runAsUser is 0' : 'would run as root: give securityContext.runAsUser'} (pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`,
    );
  if (uid === undefined && gid === undefined && groups.length === 0) return undefined;
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }), ...(groups.length > 0 ? { supplementalGroups: groups } : {}) };
}

/** A file of its own for the last words, where the container has its own view of the files anyway or asks for another path. */
function terminationMount(input: ConfigInput, parts: Pick<Parts, 'home'>, mounted: boolean): readonly ContainerMount[] {
  const path = input.container.terminationMessagePath ?? '/dev/termination-log';
  if (!mounted && input.network.mode !== 'netns' && path === '/dev/termination-log') return [];
  const source = terminationFile(parts.home.pods, input.pod.metadata.uid ?? '', input.container.name, input.attempt);
  mkdirSync(dirname(source), { recursive: true, mode: 0o755 });
  writeFileSync(source, '', { flag: 'a', mode: 0o666 });
  return [{ source, mountPath: path, readOnly: false }];
}
