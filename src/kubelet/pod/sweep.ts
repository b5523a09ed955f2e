import { readdir } from 'node:fs/promises';
import { removePodDirectory } from '../volumes/pod-volumes.ts';

/** Removes the directories of pods that neither the API nor the runtime knows: left when a process died between two steps of a removal. */
export async function sweepPodDirectories(podsDirectory: string, known: (uid: string) => boolean): Promise<void> {
  const names = await readdir(podsDirectory).catch(() => [] as string[]);
  for (const uid of names) if (!known(uid)) await removePodDirectory(podsDirectory, uid);
}
