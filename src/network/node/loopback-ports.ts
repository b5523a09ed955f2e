import type { NetworkRanges } from '../contract.ts';
import { lowPortShift } from '../table/route.ts';
import type { PodAddresses } from './pod-addresses.ts';
import { usesClusterDns } from './pod-files.ts';
import type { Limitation, PodPorts } from './pod-ports.ts';

/** An address of 127/8 per pod, which a file loaded into Node programs makes them bind to. Nothing is made on the machine. */
export function loopbackPorts(options: {
  readonly ranges: NetworkRanges;
  readonly addresses: PodAddresses;
  readonly dnsPort: number;
  /** Ports below need rights that this user does not have. */
  readonly firstFreePort: number;
}): PodPorts {
  const { ranges, addresses, dnsPort, firstFreePort } = options;
  const names = dnsPort === 53 ? [] : [dnsNotOn53(ranges.dnsAddress, dnsPort)];
  const low = firstFreePort > 1 ? [lowPorts(firstFreePort)] : [];
  const platform = process.platform === 'linux' ? [] : [NO_LOOPBACK_RANGE];
  const limitations = [...SHARED, ...names, ...low, ...platform];
  return {
    prepare: async () => undefined,
    async attach(pod, ip) {
      const cluster = usesClusterDns(pod);
      const files = addresses.files(pod, ip, { withResolver: !cluster || dnsPort === 53 });
      const dns = cluster ? { DROVER_DNS: `${ranges.dnsAddress}:${dnsPort}`, DROVER_DNS_SEARCH: addresses.searches(pod.namespace).join(' ') } : {};
      const shift = firstFreePort > 1 ? { DROVER_SERVICE_CIDR: ranges.serviceCidr, DROVER_LOW_PORTS: `${firstFreePort}+${lowPortShift}` } : {};
      return { mode: 'loopback', ip, ...files, env: { DROVER_POD_IP: ip, ...dns, ...shift } };
    },
    detach: async () => undefined,
    isInhabited: async () => false,
    sweep: async () => undefined,
    limitations: () => limitations,
  };
}

const SHARED: readonly Limitation[] = [
  {
    reason: 'NoPodIsolation',
    message:
      'Pods are not separated: they share the network of this machine, every user of it reaches every pod and Service, and pods reach what listens on 127.0.0.1. Run drover as root for a network namespace per pod.',
  },
  {
    reason: 'PodAddressByPreload',
    message:
      'Only Node programs bind to the address of their pod by themselves; another program must listen on $DROVER_POD_IP, or it takes the port from the whole machine.',
  },
];

const dnsNotOn53 = (host: string, port: number): Limitation => ({
  reason: 'ClusterNamesByPreload',
  message: `Service names are resolved for Node programs only: this user may not open port 53, so the name server answers on ${host}:${port}. Run drover as root, or lower net.ipv4.ip_unprivileged_port_start to 53.`,
});

const lowPorts = (firstFreePort: number): Limitation => ({
  reason: 'LowServicePortsShifted',
  message: `Service ports below ${firstFreePort} may not be opened by this user and answer ${lowPortShift} higher: port 80 is ${80 + lowPortShift}. Run drover as root, or lower net.ipv4.ip_unprivileged_port_start.`,
});

const NO_LOOPBACK_RANGE: Limitation = {
  reason: 'NoLoopbackRange',
  message: `On ${process.platform} addresses of 127/8 other than 127.0.0.1 exist only after "ifconfig lo0 alias ADDRESS"; pods whose address is missing cannot be reached.`,
};
