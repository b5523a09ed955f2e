import type { Pod } from '../../kinds/index.ts';
import { type ContainerConfig, type ContainerRecord, type SandboxNetwork, StartError } from '../../runtimes/index.ts';
import { errorText } from '../../std/index.ts';
import { ConfigError } from '../env/config-error.ts';
import { ImageError, type ResolvedImage, resolveImage } from '../images/resolve-image.ts';
import { retryDelayMs } from './back-off.ts';
import { containerConfig } from './container-config.ts';
import { fieldPathOf } from './container-event.ts';
import type { ContainerTrack } from './container-track.ts';
import type { StartFailure } from './pod-view.ts';
import type { WorkerParts } from './worker-parts.ts';

const IMAGE_RETRY_MS = 10_000;
const START_RETRY_MS = 1_000;

/** A start either gave a record or failed for a reason that the container's status shows. */
export type StartResult = { readonly record: ContainerRecord } | { readonly failure: StartFailure };

/**
 * Starts one attempt of a container. With no volumes to look into, the runtime is asked in the same turn of the event loop, so a crashed
 * program is back as soon as possible. Writes the events of image and start.
 */
export async function startContainer(pod: Pod, track: ContainerTrack, attempt: number, network: SandboxNetwork, parts: WorkerParts): Promise<StartResult> {
  const about = { fieldPath: fieldPathOf(track) };
  const event = (type: 'Normal' | 'Warning', reason: string, message: string): void => parts.events.event(pod, type, reason, message, about);
  const count = (track.failure?.count ?? 0) + 1;
  const failed = (reason: string, message: string, firstMs: number): StartResult => ({
    failure: { reason, message, count, retryAtMs: parts.clock.now() + retryDelayMs(count, firstMs) },
  });
  let image: ResolvedImage;
  try {
    image = resolveImage(track.spec, parts.images());
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return imageFailed(track, error, failed, event);
  }
  let config: ContainerConfig;
  try {
    config = await containerConfig({ pod, container: track.spec, attempt, image, network }, parts);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    event('Warning', 'Failed', `Error: ${error.message}`);
    return failed('CreateContainerConfigError', error.message, START_RETRY_MS);
  }
  let record: ContainerRecord;
  try {
    record = await parts.runtime.startContainer(config);
  } catch (error) {
    const message = errorText(error);
    event('Warning', 'Failed', `Error: ${message}`);
    return failed(error instanceof StartError ? 'RunContainerError' : 'CreateContainerError', message, START_RETRY_MS);
  }
  track.imageId = image.id;
  imageEvents(track, image, event);
  event('Normal', 'Created', `Created container: ${track.name}`);
  event('Normal', 'Started', `Started container ${track.name}`);
  return { record };
}

type Announce = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

function imageFailed(
  track: ContainerTrack,
  error: ImageError,
  failed: (reason: string, message: string, firstMs: number) => StartResult,
  event: Announce,
): StartResult {
  const image = track.spec.image ?? '';
  if (track.spec.imagePullPolicy === 'Never') {
    event('Warning', 'ErrImageNeverPull', `Container image "${image}" is not present with pull policy of Never: ${error.message}`);
    return failed('ErrImageNeverPull', `Container image "${image}" is not present with pull policy of Never: ${error.message}`, IMAGE_RETRY_MS);
  }
  if (!track.failure) {
    event('Normal', 'Pulling', `Pulling image "${image}"`);
    event('Warning', 'Failed', `Failed to pull image "${image}": ${error.message}`);
    event('Warning', 'Failed', 'Error: ErrImagePull');
    return failed('ErrImagePull', error.message, IMAGE_RETRY_MS);
  }
  event('Normal', 'BackOff', `Back-off pulling image "${image}"`);
  event('Warning', 'Failed', 'Error: ImagePullBackOff');
  return failed('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${error.message}`, IMAGE_RETRY_MS);
}

/** Whatever the pull policy: the look at this machine that was just made is all the pulling there is. */
function imageEvents(track: ContainerTrack, image: ResolvedImage, event: Announce): void {
  event('Normal', 'Pulled', `Container image "${track.spec.image ?? ''}" already present on machine`);
  if (image.notice !== undefined && track.latest === undefined) event('Normal', 'ImageSubstituted', image.notice);
}
