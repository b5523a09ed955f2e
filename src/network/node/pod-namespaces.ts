import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../std/index.ts';
import { type Cidr, nthAddress } from '../address.ts';
import { ipBatch, ipBatchForced, run } from './command.ts';
import { type MachineNames, macOf, NAMESPACE_DIRECTORY } from './names.ts';

const namespacePath = (name: string): string => join(NAMESPACE_DIRECTORY, name);
const deviceExists = (name: string): boolean => existsSync(`/sys/class/net/${name}`);

/** Commands inside the namespace; each may be repeated. */
const insideCommands = (ip: string, pods: Cidr): string =>
  ['link set lo up', `addr replace ${ip}/${pods.prefix} dev eth0`, 'link set eth0 up', `route replace default via ${nthAddress(pods, 1)}`, ''].join('\n');

/** In a pod every port may be opened by every user: the pod's ports are its own. */
const INSIDE_SCRIPT = 'ip -batch - && echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start';

interface Place {
  readonly names: MachineNames;
  readonly pods: Cidr;
  readonly uid: string;
  readonly ip: string;
}

/** Gives a pod its namespace with a cable to the bridge. Repeating it repairs what is missing and harms nothing that runs in it. Resolves with the namespace's path. */
export async function plugIn(place: Place): Promise<string> {
  try {
    return await tryPlugIn(place);
  } catch (error) {
    // A half-made namespace (a file without a namespace behind it) cannot be repaired, only made anew; never when something runs in it.
    const { names, uid, ip } = place;
    if (await isInhabited(names.namespace(uid)).catch(() => false)) throw error;
    await unplug({ names, uid, ip });
    return tryPlugIn(place);
  }
}

async function tryPlugIn({ names, pods, uid, ip }: Place): Promise<string> {
  const namespace = names.namespace(uid);
  const path = namespacePath(namespace);
  const device = names.device(ip);
  const hasNamespace = existsSync(path);
  if (!hasNamespace && deviceExists(device)) await run('ip', ['link', 'del', device]);
  const outside = [];
  if (!hasNamespace) outside.push(`netns add ${namespace}`);
  if (!deviceExists(device)) outside.push(`link add ${device} type veth peer name eth0 address ${macOf(ip)} netns ${namespace}`);
  outside.push(`link set ${device} master ${names.bridge} up`);
  await ipBatch(outside);
  await run('nsenter', [`--net=${path}`, 'sh', '-c', INSIDE_SCRIPT], insideCommands(ip, pods));
  return path;
}

/** Takes a pod's namespace and cable away; what is gone already is no error. Processes still inside keep a network without a cable. */
export async function unplug(options: { readonly names: MachineNames; readonly uid: string; readonly ip: string | undefined }): Promise<void> {
  const { names, uid, ip } = options;
  const namespace = names.namespace(uid);
  const lines = [];
  if (ip !== undefined && deviceExists(names.device(ip))) lines.push(`link del ${names.device(ip)}`);
  if (existsSync(namespacePath(namespace))) lines.push(`netns del ${namespace}`);
  if (lines.length > 0) await ipBatchForced(lines);
}

/** Names of the home's namespaces that exist. */
export function homeNamespaces(names: MachineNames): readonly string[] {
  try {
    return readdirSync(NAMESPACE_DIRECTORY).filter((name) => name.startsWith(names.namespacePrefix));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Names of the home's cable ends that exist. */
export const homeDevices = (names: MachineNames): readonly string[] =>
  readdirSync('/sys/class/net').filter((name) => name.startsWith(names.devicePrefix) && name.length === names.devicePrefix.length + 4);

/** Whether a process runs in the namespace. */
export async function isInhabited(namespace: string): Promise<boolean> {
  return (await run('ip', ['netns', 'pids', namespace])).trim() !== '';
}

/** Removes namespaces and cable ends of the home, at most those in `only`. */
export async function removeNamespaces(
  names: MachineNames,
  leftovers: { readonly namespaces: readonly string[]; readonly devices: readonly string[] },
): Promise<void> {
  const lines = [
    ...leftovers.devices.filter((name) => name.startsWith(names.devicePrefix)).map((name) => `link del ${name}`),
    ...leftovers.namespaces.filter((name) => name.startsWith(names.namespacePrefix)).map((name) => `netns del ${name}`),
  ];
  if (lines.length > 0) await ipBatchForced(lines);
}
