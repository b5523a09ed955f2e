import { parseCidr } from '../address.ts';
import type { NetworkRanges } from '../contract.ts';
import { ensureMachineNetwork, isMachineReady, type MachineNetwork, type MachineTrouble } from './machine-network.ts';
import { machineNames } from './names.ts';
import type { PodAddresses } from './pod-addresses.ts';
import { homeDevices, homeNamespaces, isInhabited, plugIn, removeNamespaces, unplug } from './pod-namespaces.ts';
import type { PodPorts } from './pod-ports.ts';

export const machineNetworkOf = (homeId: string, ranges: Pick<NetworkRanges, 'podCidr' | 'serviceCidr'>): MachineNetwork => {
  const pods = parseCidr(ranges.podCidr);
  return { names: machineNames(homeId, pods), pods, services: parseCidr(ranges.serviceCidr) };
};

/** A network namespace per pod, on one bridge of the home. */
export function netnsPorts(options: { readonly homeId: string; readonly ranges: NetworkRanges; readonly addresses: PodAddresses }): PodPorts {
  const { addresses } = options;
  const machine = machineNetworkOf(options.homeId, options.ranges);
  const { names, pods } = machine;
  let trouble: readonly MachineTrouble[] = [];
  let preparing: Promise<void> | undefined;
  const prepare = (): Promise<void> => {
    preparing ??= ensureMachineNetwork(machine)
      .then((found) => {
        trouble = found;
      })
      .finally(() => {
        preparing = undefined;
      });
    return preparing;
  };
  return {
    prepare,
    async attach(pod, ip) {
      if (!isMachineReady(machine)) await prepare();
      const netnsPath = await plugIn({ names, pods, uid: pod.uid, ip });
      return { mode: 'netns', ip, netnsPath, ...addresses.files(pod, ip, { withResolver: true }), env: {} };
    },
    detach: (uid, ip) => unplug({ names, uid, ip }),
    async isInhabited(uid) {
      const namespace = names.namespace(uid);
      return homeNamespaces(names).includes(namespace) && (await isInhabited(namespace));
    },
    async sweep(known) {
      const namespaces = new Set([...known.keys()].map((uid) => names.namespace(uid)));
      const devices = new Set([...known.values()].map((ip) => names.device(ip)));
      const stray = homeNamespaces(names).filter((name) => !namespaces.has(name));
      const empty = [];
      for (const name of stray) if (!(await isInhabited(name))) empty.push(name);
      // A cable does not say whose it is: none is cut while a stray namespace has processes in it.
      const cables = empty.length === stray.length ? homeDevices(names).filter((name) => !devices.has(name)) : [];
      await removeNamespaces(names, { namespaces: empty, devices: cables });
    },
    limitations: () => trouble,
  };
}
