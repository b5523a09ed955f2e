import { join } from 'node:path';
import { type HomePaths, readIfThere } from '../../std/index.ts';
import { parseCidr } from '../address.ts';
import type { NetworkRanges, PodAttachment, PodIdentity } from '../contract.ts';
import { type AddressBook, openAddressBook } from './address-book.ts';
import { clusterSearches, formatResolvConf, hostsFile, machineResolver, removePodFiles, resolverOf, usesClusterDns, writePodFiles } from './pod-files.ts';

/** What both modes share of a pod's attachment. */
export interface PodAddresses {
  readonly book: AddressBook;
  /** Attachment of a pod on the machine's own network; files only where they differ from the machine's. */
  host(pod: PodIdentity): PodAttachment;
  /** Writes the pod's files for an address of its own. `withResolver` false leaves the machine's resolv.conf. */
  files(pod: PodIdentity, ip: string, options: { readonly withResolver: boolean }): { readonly resolvConf?: string; readonly etcHosts?: string };
  searches(namespace: string): readonly string[];
  removeFiles(uid: string): void;
}

export function podAddresses(options: { readonly home: HomePaths; readonly ranges: NetworkRanges; readonly domain: string }): PodAddresses {
  const { home, ranges, domain } = options;
  const directory = (uid: string): string => join(home.pods, uid, 'etc');
  const resolver = (pod: PodIdentity): string => formatResolvConf(resolverOf(pod, { dnsAddress: ranges.dnsAddress, domain, machine: machineResolver() }));
  const hosts = (pod: PodIdentity, ip: string): string => hostsFile(pod, { ip, domain, machineHosts: readIfThere('/etc/hosts') ?? '' });
  return {
    book: openAddressBook(join(home.network, 'addresses'), parseCidr(ranges.podCidr)),
    host(pod) {
      const ownResolver = usesClusterDns(pod) || pod.dnsPolicy === 'None' || pod.dnsConfig !== undefined;
      const written = writePodFiles(directory(pod.uid), {
        ...(ownResolver ? { resolvConf: resolver(pod) } : {}),
        ...(pod.hostAliases && pod.hostAliases.length > 0 ? { hosts: hosts(pod, ranges.nodeAddress) } : {}),
      });
      return { mode: 'host', ip: ranges.nodeAddress, ...written, env: {} };
    },
    files: (pod, ip, { withResolver }) => writePodFiles(directory(pod.uid), { ...(withResolver ? { resolvConf: resolver(pod) } : {}), hosts: hosts(pod, ip) }),
    searches: (namespace) => clusterSearches(namespace, domain),
    removeFiles: (uid) => removePodFiles(directory(uid)),
  };
}
