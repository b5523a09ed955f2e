import { describe, expect, it } from 'vitest';
import type { PodIdentity } from '../contract.ts';
import { formatResolvConf, hostsFile, parseResolvConf, resolverOf } from './pod-files.ts';

const pod: PodIdentity = { uid: 'u', namespace: 'shop', name: 'web-1', hostNetwork: false };
const cluster = {
  dnsAddress: '10.96.0.10',
  domain: 'cluster.local',
  machine: { nameservers: ['192.0.2.53'], searches: ['example.com'], options: ['timeout:2'] },
};
const conf = (change: Partial<PodIdentity>): string => formatResolvConf(resolverOf({ ...pod, ...change }, cluster));

describe("a pod's resolv.conf", () => {
  it('asks the cluster first, as Kubernetes writes it', () => {
    expect(conf({})).toBe('search shop.svc.cluster.local svc.cluster.local cluster.local example.com\nnameserver 10.96.0.10\noptions ndots:5\n');
  });

  it("is the machine's for dnsPolicy Default and for pods on its network, unless they ask for the cluster", () => {
    const machine = 'search example.com\nnameserver 192.0.2.53\noptions timeout:2\n';
    expect(conf({ dnsPolicy: 'Default' })).toBe(machine);
    expect(conf({ hostNetwork: true, dnsPolicy: 'ClusterFirst' })).toBe(machine);
    expect(conf({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' })).toContain('nameserver 10.96.0.10');
  });

  it('has only what dnsConfig says for dnsPolicy None, and dnsConfig added to every other', () => {
    const dnsConfig = { nameservers: ['9.9.9.9'], searches: ['own.test'], options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] };
    expect(conf({ dnsPolicy: 'None', dnsConfig })).toBe('search own.test\nnameserver 9.9.9.9\noptions ndots:2 edns0\n');
    expect(conf({ dnsConfig })).toBe(
      'search shop.svc.cluster.local svc.cluster.local cluster.local example.com own.test\nnameserver 10.96.0.10\nnameserver 9.9.9.9\noptions ndots:2 edns0\n',
    );
  });

  it('is read as it is written', () => {
    const settings = { nameservers: ['10.0.0.1', '::1'], searches: ['a.test', 'b.test'], options: ['ndots:1'] };
    expect(parseResolvConf(formatResolvConf(settings))).toEqual(settings);
  });
});

describe("a pod's hosts file", () => {
  const options = { ip: '10.244.0.9', domain: 'cluster.local', machineHosts: '127.0.0.1 localhost box\n' };

  it("names the pod, its full name with a subdomain, and the spec's aliases", () => {
    const text = hostsFile({ ...pod, hostname: 'db-0', subdomain: 'db', hostAliases: [{ ip: '1.2.3.4', hostnames: ['foo', 'bar'] }] }, options);
    expect(text).toContain('10.244.0.9\tdb-0.db.shop.svc.cluster.local\tdb-0\n');
    expect(text).toContain('127.0.0.1\tlocalhost\n');
    expect(text).toMatch(/# Entries added by HostAliases\.\n1\.2\.3\.4\tfoo\tbar\n$/);
  });

  it("is the machine's for a pod on its network", () => {
    expect(hostsFile({ ...pod, hostNetwork: true }, options)).toBe('# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost box\n');
  });
});
