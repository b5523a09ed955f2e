import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { homePaths } from '../../std/index.ts';
import { parseCidr } from '../address.ts';
import { chooseRanges } from './choose-ranges.ts';
import { parseLocalRanges, parseRoutes } from './machine-addresses.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drover-ranges-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const choose = (name: string, options: { readonly env?: NodeJS.ProcessEnv; readonly used?: readonly string[]; readonly whyNot?: string } = {}) =>
  chooseRanges({
    home: homePaths(join(directory, name)),
    env: { DROVER_NODE_ADDRESS: '192.0.2.2', ...options.env },
    used: (options.used ?? []).map(parseCidr),
    claimsDirectory: join(directory, 'claims'),
    whyNoNamespaces: async () => options.whyNot,
  });

describe('chooseRanges', () => {
  it("takes Kubernetes' customary ranges when they are free", async () => {
    expect(await choose('a')).toEqual({
      mode: 'netns',
      podCidr: '10.244.0.0/16',
      serviceCidr: '10.96.0.0/16',
      apiAddress: '10.96.0.1',
      dnsAddress: '10.96.0.10',
      nodeAddress: '192.0.2.2',
    });
  });

  it('passes over what the machine uses already, also as a part of something larger', async () => {
    expect(await choose('a', { used: ['10.244.3.0/24', '10.96.0.0/12'] })).toMatchObject({ podCidr: '10.245.0.0/16', serviceCidr: '10.112.0.0/16' });
  });

  it('gives homes that start at the same time ranges that do not meet, and each its own again', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const chosen = await Promise.all(names.map((name) => choose(name)));
    expect(new Set(chosen.map((one) => one.podCidr)).size).toBe(4);
    expect(new Set(chosen.map((one) => one.serviceCidr)).size).toBe(4);
    expect(await Promise.all(names.map((name) => choose(name, { used: ['10.0.0.0/8'] })))).toEqual(chosen);
  });

  it('uses loopback addresses where namespaces cannot be made', async () => {
    expect(await choose('a', { whyNot: 'only root can' })).toMatchObject({
      mode: 'loopback',
      podCidr: '127.64.0.0/16',
      serviceCidr: '127.65.0.0/16',
      dnsAddress: '127.65.0.10',
    });
    expect(await choose('b', { whyNot: 'only root can' })).toMatchObject({ podCidr: '127.66.0.0/16', serviceCidr: '127.67.0.0/16' });
  });

  it('does what is asked for, or says why not', async () => {
    expect(await choose('a', { env: { DROVER_POD_CIDR: '10.50.0.0/20', DROVER_SERVICE_CIDR: '10.60.7.0/16' } })).toMatchObject({
      podCidr: '10.50.0.0/20',
      serviceCidr: '10.60.0.0/16',
    });
    await expect(choose('b', { env: { DROVER_POD_CIDR: '10.50.0.0/20' } })).rejects.toThrow('DROVER_POD_CIDR=10.50.0.0/20: it meets 10.50.0.0/20');
    await expect(choose('b', { env: { DROVER_POD_CIDR: '10.50.0.0/16' } })).rejects.toThrow('it meets 10.50.0.0/20, which this machine or another drover home');
    await expect(choose('c', { env: { DROVER_POD_CIDR: '10.0.0.0/8' } })).rejects.toThrow('prefix of /16 to /26');
    await expect(choose('d', { env: { DROVER_POD_CIDR: '192.0.2.0/24' }, used: ['192.0.2.0/24'] })).rejects.toThrow('it meets 192.0.2.0/24');
    await expect(choose('e', { env: { DROVER_NETWORK: 'netns' }, whyNot: 'only root can' })).rejects.toThrow(
      'DROVER_NETWORK=netns is not possible here: only root can',
    );
    await expect(choose('f', { env: { DROVER_NETWORK: 'calico' } })).rejects.toThrow('it can be netns');
  });

  it('keeps a home with namespaces from starting where none can be made', async () => {
    await choose('a');
    await expect(choose('a', { whyNot: 'only root can' })).rejects.toThrow('Start it as root again');
  });

  it('names a damaged file instead of choosing anew', async () => {
    mkdirSync(join(directory, 'a', 'network'), { recursive: true });
    writeFileSync(join(directory, 'a', 'network', 'ranges.json'), '{"mode":"netns"');
    await expect(choose('a')).rejects.toThrow(/ranges\.json cannot be read/);
  });
});

describe("the machine's ranges", () => {
  it('are read from its routes', () => {
    const text =
      'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\neth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n';
    expect(parseRoutes(text)).toEqual([
      { device: 'eth0', destination: { base: 0, prefix: 0, size: 2 ** 32 } },
      { device: 'eth0', destination: parseCidr('192.0.2.0/24') },
    ]);
  });

  it('include blocks that are local as a whole, as another home makes them', () => {
    const text = 'Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.96.0.0\n        /16 host LOCAL\n     |-- 192.0.2.2\n        /32 host LOCAL\n';
    expect(parseLocalRanges(text)).toEqual([parseCidr('10.96.0.0/16')]);
  });
});
