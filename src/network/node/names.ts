import { type Cidr, parseIPv4 } from '../address.ts';

/** Names of a home's machine-wide things; the home's id keeps homes apart. Device names have at most 15 bytes. */
export interface MachineNames {
  readonly bridge: string;
  readonly bridgeMac: string;
  /** nftables table of family ip. */
  readonly table: string;
  readonly namespacePrefix: string;
  readonly devicePrefix: string;
  namespace(uid: string): string;
  /** The machine's end of a pod's cable. */
  device(ip: string): string;
}

export const NAMESPACE_DIRECTORY = '/run/netns';

export function machineNames(homeId: string, pods: Cidr): MachineNames {
  const namespacePrefix = `drv-${homeId}-`;
  const devicePrefix = `drv${homeId}`;
  return {
    bridge: `drv-${homeId}`,
    // Locally administered; fixed, or the bridge would take the lowest of its ports' and change as pods come and go.
    bridgeMac: `02:${homeId.padEnd(10, '0').slice(0, 10).match(/../g)?.join(':')}`,
    table: `drover_${homeId}`,
    namespacePrefix,
    devicePrefix,
    namespace: (uid) => `${namespacePrefix}${uid.replaceAll('-', '').slice(0, 20)}`,
    device: (ip) => `${devicePrefix}${((parseIPv4(ip) ?? 0) - pods.base).toString(16).padStart(4, '0')}`,
  };
}

/** A pod's hardware address, made of its address: who remembers an address's owner is right also when the owner changed. */
export const macOf = (ip: string): string =>
  `0a:58:${ip
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':')}`;
