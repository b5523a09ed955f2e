import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere, writeWhole } from '../../std/index.ts';
import type { PodIdentity } from '../contract.ts';

/** What a resolv.conf says. */
export interface ResolverSettings {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

const unique = (list: readonly string[]): readonly string[] => [...new Set(list)];

export function parseResolvConf(text: string): ResolverSettings {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const last = (word: string) =>
    lines
      .filter((line) => line[0] === word)
      .at(-1)
      ?.slice(1) ?? [];
  const search = last('search');
  return {
    nameservers: lines.filter((line) => line[0] === 'nameserver').flatMap((line) => line[1] ?? []),
    searches: search.length > 0 ? search : last('domain'),
    options: last('options'),
  };
}

export const formatResolvConf = (settings: ResolverSettings): string =>
  [
    settings.searches.length > 0 ? `search ${settings.searches.join(' ')}` : '',
    ...settings.nameservers.map((address) => `nameserver ${address}`),
    settings.options.length > 0 ? `options ${settings.options.join(' ')}` : '',
  ]
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('');

/** The search list of a namespace, as Kubernetes makes it. */
export const clusterSearches = (namespace: string, domain: string): readonly string[] => [`${namespace}.svc.${domain}`, `svc.${domain}`, domain];

/** Whether the pod's names are looked up by the cluster's name server. */
export const usesClusterDns = (pod: PodIdentity): boolean =>
  pod.hostNetwork
    ? pod.dnsPolicy === 'ClusterFirstWithHostNet'
    : pod.dnsPolicy === undefined || pod.dnsPolicy === 'ClusterFirst' || pod.dnsPolicy === 'ClusterFirstWithHostNet';

/** What a pod's resolv.conf says, by dnsPolicy and dnsConfig. */
export function resolverOf(
  pod: PodIdentity,
  cluster: { readonly dnsAddress: string; readonly domain: string; readonly machine: ResolverSettings },
): ResolverSettings {
  const base: ResolverSettings = usesClusterDns(pod)
    ? {
        nameservers: [cluster.dnsAddress],
        searches: unique([...clusterSearches(pod.namespace, cluster.domain), ...cluster.machine.searches]),
        options: ['ndots:5'],
      }
    : pod.dnsPolicy === 'None'
      ? { nameservers: [], searches: [], options: [] }
      : cluster.machine;
  const { nameservers = [], searches = [], options = [] } = pod.dnsConfig ?? {};
  const given = options.flatMap(({ name, value }) => (name ? [value === undefined || value === '' ? name : `${name}:${value}`] : []));
  const names = new Set(given.map((option) => option.split(':')[0]));
  return {
    nameservers: unique([...base.nameservers, ...nameservers]).slice(0, 3),
    searches: unique([...base.searches, ...searches]),
    options: [...base.options.filter((option) => !names.has(option.split(':')[0] ?? '')), ...given],
  };
}

/** The pod's hosts file, as Kubernetes writes it. */
export function hostsFile(pod: PodIdentity, options: { readonly ip: string; readonly domain: string; readonly machineHosts: string }): string {
  const hostname = pod.hostname ?? pod.name;
  const full = pod.subdomain ? [`${hostname}.${pod.subdomain}.${pod.namespace}.svc.${options.domain}`] : [];
  const own = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    `${options.ip}\t${[...full, hostname].join('\t')}`,
  ];
  const base = pod.hostNetwork ? ['# Kubernetes-managed hosts file (host network).', options.machineHosts.trimEnd()] : own;
  const aliases = (pod.hostAliases ?? []).map((alias) => `${alias.ip}\t${(alias.hostnames ?? []).join('\t')}`);
  return `${[...base, ...(aliases.length > 0 ? ['', '# Entries added by HostAliases.', ...aliases] : [])].join('\n')}\n`;
}

/** Name servers on loopback addresses are the machine's own and not reached from a pod's namespace: then what systemd-resolved knows of the outside is taken. */
export function machineResolver(): ResolverSettings {
  const main = parseResolvConf(readIfThere('/etc/resolv.conf') ?? '');
  const isLocal = (address: string) => address.startsWith('127.') || address === '::1';
  if (main.nameservers.length > 0 && !main.nameservers.every(isLocal)) return main;
  const outer = readIfThere('/run/systemd/resolve/resolv.conf');
  return outer === undefined ? main : parseResolvConf(outer);
}

/** Writes a pod's files under its directory; readable by whatever user the pod runs as, inside directories that are not. */
export function writePodFiles(
  directory: string,
  files: { readonly resolvConf?: string; readonly hosts?: string },
): { readonly resolvConf?: string; readonly etcHosts?: string } {
  const write = (name: string, content: string): string => {
    const path = join(directory, name);
    // Kept as it is when equal: a mounted file is replaced by its content, not by its name.
    if (readIfThere(path) !== content) writeWhole(path, content, 0o644);
    return path;
  };
  return {
    ...(files.resolvConf === undefined ? {} : { resolvConf: write('resolv.conf', files.resolvConf) }),
    ...(files.hosts === undefined ? {} : { etcHosts: write('hosts', files.hosts) }),
  };
}

export const removePodFiles = (directory: string): void => rmSync(directory, { recursive: true, force: true });
