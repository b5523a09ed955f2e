import { errorText } from '../../std/index.ts';
import { ipBatch, ipBatchForced, run } from '../node/command.ts';

/**
 * Why this process cannot give each pod a network namespace, or undefined when it can. Tries it for real (a namespace and a bridge, removed at once):
 * root inside a container often lacks the right.
 */
export async function whyNoNamespaces(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'only root can make network namespaces';
  try {
    await run('ip', ['-V']);
  } catch {
    return 'the program "ip" (package iproute2) is not installed';
  }
  const name = `drvp${process.pid.toString(36)}`;
  try {
    await ipBatch([`netns add ${name}`, `link add ${name} type bridge`]);
    return undefined;
  } catch (error) {
    return `making a namespace and a bridge was refused (${errorText(error)})`;
  } finally {
    await ipBatchForced([`link del ${name}`, `netns del ${name}`]);
  }
}
