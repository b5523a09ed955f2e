import { readIfThere } from '../../std/index.ts';
import { parseIPv4 } from '../address.ts';
import type { NetworkRanges } from '../contract.ts';
import { NetworkError } from '../network-error.ts';
import type { TableSettings } from '../table/route.ts';

const CLUSTER_DOMAIN = 'cluster.local';

/** The first port that this user may open. */
function firstFreePort(): number {
  if (process.getuid?.() === 0) return 0;
  const text = readIfThere('/proc/sys/net/ipv4/ip_unprivileged_port_start');
  return text === undefined ? 1024 : Number(text.trim());
}

/** What holds for the whole table. Throws NetworkError for a node port address that is none. */
export function completeSettings(ranges: NetworkRanges, env: NodeJS.ProcessEnv): TableSettings {
  const asked = env['DROVER_NODEPORT_ADDRESSES']
    ?.split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  const wrong = asked?.find((address) => parseIPv4(address) === undefined);
  if (wrong !== undefined)
    throw new NetworkError(
      'ERR_NETWORK_RANGE',
      `DROVER_NODEPORT_ADDRESSES names "${wrong}"; give IPv4 addresses of this machine separated by commas, for instance 127.0.0.1,${ranges.nodeAddress}.`,
    );
  const first = firstFreePort();
  return {
    domain: CLUSTER_DOMAIN,
    podCidr: ranges.podCidr,
    serviceCidr: ranges.serviceCidr,
    dns: { host: ranges.dnsAddress, port: first <= 53 ? 53 : 1053 },
    nodePortAddresses: asked ?? [...new Set(['127.0.0.1', ranges.nodeAddress])],
    firstFreePort: first,
  };
}
