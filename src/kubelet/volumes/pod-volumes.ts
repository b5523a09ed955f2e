import { mkdir, realpath, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Container, Pod, Volume } from '../../kinds/index.ts';
import type { ContainerMount } from '../../runtimes/index.ts';
import { errorText } from '../../std/index.ts';
import { ConfigError } from '../env/config-error.ts';
import { expand } from '../env/expand.ts';
import { quantityBytes } from '../env/resource-field.ts';
import { writeAtomicDirectory } from './atomic-directory.ts';
import { makeEmptyDir, unmountBelow } from './empty-dir.ts';
import { checkHostPath } from './host-path.ts';
import { type PayloadInput, volumePayload } from './payload.ts';

/** A volume could not be set up; `message` is that of the FailedMount event. */
export class VolumeError extends Error {
  readonly code = 'ERR_VOLUME_SETUP';
}

const pluginOf = (volume: Volume): string => {
  if (volume.configMap) return 'kubernetes.io~configmap';
  if (volume.secret) return 'kubernetes.io~secret';
  if (volume.downwardAPI) return 'kubernetes.io~downward-api';
  if (volume.projected) return 'kubernetes.io~projected';
  return 'kubernetes.io~empty-dir';
};

/** Where a volume of a pod is on this machine. */
const volumePath = (podsDirectory: string, uid: string, volume: Volume): string =>
  volume.hostPath ? volume.hostPath.path : join(podsDirectory, uid, 'volumes', pluginOf(volume), volume.name);

/** Makes every volume of a pod, or brings those made from objects up to date. Repeating it changes nothing. Returns notices for the user. */
export async function setUpVolumes(podsDirectory: string, input: PayloadInput): Promise<readonly string[]> {
  const { pod } = input;
  const notices: string[] = [];
  const gid = process.getuid?.() === 0 ? pod.spec?.securityContext?.fsGroup : undefined;
  for (const volume of pod.spec?.volumes ?? []) {
    const path = volumePath(podsDirectory, pod.metadata.uid ?? '', volume);
    try {
      const payload = volumePayload(volume, input);
      if (payload) await writeAtomicDirectory(path, payload, gid);
      else if (volume.hostPath) await checkHostPath(path, volume.hostPath.type);
      else if (volume.emptyDir) {
        const memoryBytes = volume.emptyDir.medium === 'Memory' ? { memoryBytes: quantityBytes(volume.emptyDir.sizeLimit) ?? 0 } : {};
        const { notice } = await makeEmptyDir(path, { ...memoryBytes, ...(gid === undefined ? {} : { gid }) });
        if (notice) notices.push(`volume "${volume.name}": ${notice}`);
      } else throw new ConfigError(`volumes of type ${Object.keys(volume).find((key) => key !== 'name') ?? '(none)'} are not supported by this node`);
    } catch (error) {
      throw new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : ${errorText(error)}`, {
        cause: error,
      });
    }
  }
  return notices;
}

/** Rewrites only the volumes whose files may change while the pod runs. */
export async function refreshVolumes(podsDirectory: string, input: PayloadInput): Promise<void> {
  const gid = process.getuid?.() === 0 ? input.pod.spec?.securityContext?.fsGroup : undefined;
  for (const volume of input.pod.spec?.volumes ?? []) {
    const payload = volumePayload(volume, input);
    if (payload) await writeAtomicDirectory(volumePath(podsDirectory, input.pod.metadata.uid ?? '', volume), payload, gid);
  }
}

/** What a container gets mounted. `subPath` is followed inside its volume only. Throws ConfigError. */
export async function containerMounts(
  podsDirectory: string,
  pod: Pod,
  container: Container,
  env: { readonly [name: string]: string },
): Promise<readonly ContainerMount[]> {
  const mounts: ContainerMount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const volume = pod.spec?.volumes?.find((one) => one.name === mount.name);
    if (!volume) throw new ConfigError(`volume "${mount.name}" of container "${container.name}" is not in the pod`);
    const root = volumePath(podsDirectory, pod.metadata.uid ?? '', volume);
    const sub = mount.subPathExpr === undefined ? mount.subPath : expand(mount.subPathExpr, (name) => env[name]);
    const source = sub ? await insideVolume(root, sub, volume) : root;
    const fixed = volume.configMap ?? volume.secret ?? volume.downwardAPI ?? volume.projected;
    mounts.push({ source, mountPath: mount.mountPath, readOnly: mount.readOnly === true || fixed !== undefined });
  }
  return mounts;
}

async function insideVolume(root: string, sub: string, volume: Volume): Promise<string> {
  const wanted = join(root, sub);
  if (isAbsolute(sub) || sub.split('/').includes('..')) throw new ConfigError(`subPath "${sub}" leaves the volume "${volume.name}"`);
  if (volume.emptyDir || volume.hostPath) await mkdir(wanted, { recursive: true }).catch(ignoreFile);
  const real = await realpath(wanted).catch(() => undefined);
  if (real === undefined) throw new ConfigError(`failed to prepare subPath for volumeMount "${volume.name}": ${sub} does not exist in the volume`);
  const base = await realpath(root);
  if (real !== base && !real.startsWith(`${base}/`)) throw new ConfigError(`subPath "${sub}" leaves the volume "${volume.name}"`);
  return real;
}

/** A subPath that is a file already is mounted as it is. */
function ignoreFile(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && (error.code === 'EEXIST' || error.code === 'ENOTDIR'))) throw error;
}

/** Removes everything of a pod under the pods directory; what hostPath points to is not touched. */
export async function removePodDirectory(podsDirectory: string, uid: string): Promise<void> {
  const directory = join(podsDirectory, uid);
  // Most pods have none, and reading the mount table for each of a thousand would cost.
  if (!(await stat(directory).catch(() => undefined))) return;
  await unmountBelow(directory);
  await rm(directory, { recursive: true, force: true });
}
