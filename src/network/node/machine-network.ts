import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { errorText, readIfThere } from '../../std/index.ts';
import { type Cidr, formatCidr, nthAddress } from '../address.ts';
import { ipBatchForced, run } from './command.ts';
import type { MachineNames } from './names.ts';
import { homeDevices } from './pod-namespaces.ts';

/** What a home puts on the machine besides its pods' namespaces. */
export interface MachineNetwork {
  readonly names: MachineNames;
  readonly pods: Cidr;
  readonly services: Cidr;
}

/** What could not be set up, for the Node's conditions. */
export interface MachineTrouble {
  readonly reason: string;
  readonly message: string;
}

const device = (name: string): string => `/sys/class/net/${name}`;
const forwarding = (name: string): string => `/proc/sys/net/ipv4/conf/${name}/forwarding`;
const gatewayOf = (pods: Cidr): string => nthAddress(pods, 1);

/** Whether bridge and service route are there; cheap enough to ask before every pod. */
export const isMachineReady = ({ names }: MachineNetwork): boolean => existsSync(device(names.bridge));

/**
 * Makes the bridge, the route that makes every service address this machine's own (so that the proxy can listen on any of them without a
 * command for each), and the rules. May be repeated at any time; repairs what is missing.
 */
export async function ensureMachineNetwork(network: MachineNetwork): Promise<readonly MachineTrouble[]> {
  const { names, pods, services } = network;
  const isNew = !existsSync(device(names.bridge));
  if (isNew) await run('ip', ['link', 'add', names.bridge, 'address', names.bridgeMac, 'type', 'bridge']);
  // Somebody may have removed the bridge under running pods: their cables are plugged in again.
  const cables = isNew ? homeDevices(names).map((name) => `link set ${name} master ${names.bridge} up`) : [];
  await run(
    'ip',
    ['-batch', '-'],
    [
      `addr replace ${gatewayOf(pods)}/${pods.prefix} dev ${names.bridge}`,
      `link set ${names.bridge} up`,
      `route replace local ${formatCidr(services)} dev lo`,
      ...cables,
      '',
    ].join('\n'),
  );
  const trouble: MachineTrouble[] = [];
  const outside = defaultDevice();
  if (outside) {
    try {
      // Of these two devices only, not net.ipv4.ip_forward: the machine does not become a router for the others.
      for (const name of [names.bridge, outside]) if (readFileSync(forwarding(name), 'utf8').trim() !== '1') writeFileSync(forwarding(name), '1');
    } catch (error) {
      trouble.push({
        reason: 'NoForwarding',
        message: `Pods cannot reach addresses outside this machine: forwarding could not be turned on (${errorText(error)}).`,
      });
    }
  }
  try {
    await run('nft', ['-f', '-'], rules(network));
  } catch (error) {
    trouble.push({
      reason: 'NoPacketRules',
      message: `Pods have no masqueraded way out of this machine, and other machines are not kept from service addresses: nft failed (${errorText(error)}).`,
    });
  }
  return trouble;
}

/** The table is replaced as a whole in one transaction. */
function rules({ names, pods, services }: MachineNetwork): string {
  const bridge = `"${names.bridge}"`;
  return `table ip ${names.table}
delete table ip ${names.table}
table ip ${names.table} {
  chain outward {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${formatCidr(pods)} ip daddr != ${formatCidr(pods)} oifname != ${bridge} masquerade
  }
  chain passage {
    type filter hook forward priority filter; policy accept;
    iifname ${bridge} oifname "drv-*" oifname != ${bridge} drop comment "homes do not meet"
    iifname != ${bridge} oifname ${bridge} ct state new drop comment "pods are reached from this machine only"
  }
  chain inward {
    type filter hook input priority filter; policy accept;
    iifname != { "lo", ${bridge} } ip daddr { ${formatCidr(services)}, ${formatCidr(pods)} } drop comment "service addresses answer on this machine only"
  }
}
`;
}

function defaultDevice(): string | undefined {
  const line = (readIfThere('/proc/net/route') ?? '').split('\n').find((text) => text.split('\t')[1] === '00000000');
  return line?.split('\t')[0];
}

/** Takes away what ensureMachineNetwork made. The outer device's forwarding stays on: others may rely on it by now. */
export async function removeMachineNetwork({ names, services }: MachineNetwork): Promise<void> {
  await ipBatchForced([`route del local ${formatCidr(services)} dev lo`, `link del ${names.bridge}`]);
  await run('nft', ['delete', 'table', 'ip', names.table]).catch(() => undefined);
}
