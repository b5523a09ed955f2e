import dnsPacket, { type DecodedPacket } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import type { RoutingTable, ServiceRoute } from '../table/route.ts';
import type { Forwarder } from './forwarder.ts';
import { createResponder } from './responder.ts';

const routes: readonly ServiceRoute[] = [
  {
    namespace: 'shop',
    name: 'web',
    type: 'cluster',
    clusterIP: '10.96.0.20',
    ports: [{ name: 'http', protocol: 'TCP', port: 80, endpoints: ['10.244.0.2:3000'] }],
    hosts: [{ ip: '10.244.0.2' }],
  },
  {
    namespace: 'shop',
    name: 'db',
    type: 'headless',
    ports: [{ name: 'sql', protocol: 'TCP', port: 5432, endpoints: ['10.244.0.3:5432', '10.244.0.4:5432'] }],
    hosts: [{ ip: '10.244.0.3', hostname: 'db-0' }, { ip: '10.244.0.4' }],
  },
  { namespace: 'shop', name: 'empty', type: 'headless', ports: [], hosts: [] },
  { namespace: 'shop', name: 'outside', type: 'external', externalName: 'db.example.com', ports: [], hosts: [] },
  { namespace: 'shop', name: 'inside', type: 'external', externalName: 'web.shop.svc.cluster.local', ports: [], hosts: [] },
  {
    namespace: 'shop',
    name: 'many',
    type: 'headless',
    ports: [],
    hosts: Array.from({ length: 120 }, (_, n) => ({ ip: `10.244.1.${n}` })),
  },
];

const table: RoutingTable = {
  settings: {
    domain: 'cluster.local',
    podCidr: '10.244.0.0/16',
    serviceCidr: '10.96.0.0/16',
    dns: { host: '10.96.0.10', port: 53 },
    nodePortAddresses: [],
    firstFreePort: 0,
  },
  services: new Map(routes.map((route) => [`${route.namespace}/${route.name}`, route])),
};

const forwarder: Forwarder = {
  async forward(query) {
    const asked = dnsPacket.decode(query);
    const name = asked.questions?.[0]?.name ?? '';
    return dnsPacket.encode({
      type: 'response',
      id: asked.id ?? 0,
      questions: asked.questions ?? [],
      answers: [{ name, type: 'A', ttl: 60, data: '203.0.113.5' }],
    });
  },
  close: () => undefined,
};

const responder = (withdrawn: readonly string[] = []) => createResponder({ view: () => ({ table, withdrawn: new Set(withdrawn) }), forwarder });

async function query(
  name: string,
  type: 'A' | 'AAAA' | 'SRV' | 'PTR' | 'TXT' = 'A',
  options: { readonly withdrawn?: readonly string[]; readonly payload?: number; readonly tcp?: true } = {},
): Promise<DecodedPacket> {
  const additionals =
    options.payload === undefined
      ? []
      : [{ type: 'OPT' as const, name: '.', udpPayloadSize: options.payload, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] }];
  const bytes = dnsPacket.encode({ type: 'query', id: 77, flags: dnsPacket.RECURSION_DESIRED, questions: [{ type, name }], additionals });
  const answer = await responder(options.withdrawn)(bytes, options.tcp ? 'tcp' : 'udp');
  if (!answer) throw new Error('no answer');
  return dnsPacket.decode(answer);
}

const summary = async (...args: Parameters<typeof query>) => {
  const packet = await query(...args);
  const data = (packet.answers ?? []).map((answer) => ('data' in answer ? answer.data : undefined));
  return { rcode: 'rcode' in packet ? packet.rcode : undefined, data };
};
const addresses = (...data: readonly string[]) => ({ rcode: 'NOERROR', data });
const NODATA = { rcode: 'NOERROR', data: [] };
const NXDOMAIN = { rcode: 'NXDOMAIN', data: [] };

describe('names of the cluster', () => {
  it('answers a Service with its address, in any case of letters, and keeps the letters of the question', async () => {
    expect(await summary('web.shop.svc.cluster.local')).toEqual(addresses('10.96.0.20'));
    const packet = await query('WeB.shop.SVC.cluster.local');
    expect(packet.answers?.[0]).toMatchObject({ name: 'WeB.shop.SVC.cluster.local', data: '10.96.0.20', ttl: 5 });
    expect(packet).toMatchObject({ id: 77, flag_aa: true, flag_ra: true, flag_rd: true });
  });

  it('tells a name without records of a type from a name that does not exist', async () => {
    for (const name of ['web.shop.svc.cluster.local', 'db.shop.svc.cluster.local']) expect(await summary(name, 'AAAA')).toEqual(NODATA);
    for (const name of [
      'cluster.local',
      'svc.cluster.local',
      'shop.svc.cluster.local',
      'empty.shop.svc.cluster.local',
      'pod.cluster.local',
      '_tcp.web.shop.svc.cluster.local',
    ]) {
      expect(await summary(name)).toEqual(NODATA);
    }
    for (const name of [
      'nope.shop.svc.cluster.local',
      'web.nope.svc.cluster.local',
      'nope.svc.cluster.local',
      'example.com.shop.svc.cluster.local',
      'x.cluster.local',
      '_ftp._tcp.web.shop.svc.cluster.local',
    ]) {
      expect(await summary(name)).toEqual(NXDOMAIN);
      expect((await query(name)).authorities?.[0]).toMatchObject({ type: 'SOA', name: 'cluster.local' });
    }
  });

  it('answers a headless Service with its pods, by hostname too, and without those withdrawn', async () => {
    expect(new Set((await summary('db.shop.svc.cluster.local')).data)).toEqual(new Set(['10.244.0.3', '10.244.0.4']));
    expect(await summary('db.shop.svc.cluster.local', 'A', { withdrawn: ['10.244.0.3'] })).toEqual(addresses('10.244.0.4'));
    expect(await summary('db-0.db.shop.svc.cluster.local')).toEqual(addresses('10.244.0.3'));
    expect(await summary('10-244-0-4.db.shop.svc.cluster.local')).toEqual(addresses('10.244.0.4'));
    expect(await summary('db-7.db.shop.svc.cluster.local')).toEqual(NXDOMAIN);
  });

  it('starts a list of addresses at another one each time', async () => {
    const respond = responder();
    const bytes = dnsPacket.encode({ type: 'query', id: 1, questions: [{ type: 'A', name: 'db.shop.svc.cluster.local' }] });
    const firsts = new Set<unknown>();
    for (let n = 0; n < 4; n++) {
      const first = dnsPacket.decode((await respond(bytes, 'udp')) ?? Buffer.alloc(0)).answers?.[0];
      firsts.add(first && 'data' in first ? first.data : undefined);
    }
    expect(firsts).toEqual(new Set(['10.244.0.3', '10.244.0.4']));
  });

  it('answers SRV questions for named ports, with the addresses of what they name', async () => {
    const cluster = await query('_http._tcp.web.shop.svc.cluster.local', 'SRV');
    expect(cluster.answers).toMatchObject([{ data: { port: 80, target: 'web.shop.svc.cluster.local' } }]);
    expect(cluster.additionals).toMatchObject([{ name: 'web.shop.svc.cluster.local', data: '10.96.0.20' }]);
    const headless = await query('_sql._tcp.db.shop.svc.cluster.local', 'SRV');
    const targets = (headless.answers ?? []).map((answer) => (answer.type === 'SRV' ? `${answer.data.target}:${answer.data.port}` : ''));
    expect(new Set(targets)).toEqual(new Set(['db-0.db.shop.svc.cluster.local:5432', '10-244-0-4.db.shop.svc.cluster.local:5432']));
  });

  it('answers pods by their address, inside the range only, and addresses by their names', async () => {
    expect(await summary('10-244-9-9.shop.pod.cluster.local')).toEqual(addresses('10.244.9.9'));
    expect(await summary('8-8-8-8.shop.pod.cluster.local')).toEqual(NXDOMAIN);
    expect(await summary('20.0.96.10.in-addr.arpa', 'PTR')).toEqual(addresses('web.shop.svc.cluster.local'));
    expect(await summary('3.0.244.10.in-addr.arpa', 'PTR')).toEqual(addresses('db-0.db.shop.svc.cluster.local'));
    expect(await summary('99.9.244.10.in-addr.arpa', 'PTR')).toEqual(NXDOMAIN);
  });

  it('follows an ExternalName outside and inside', async () => {
    expect(await summary('outside.shop.svc.cluster.local')).toEqual(addresses('db.example.com', '203.0.113.5'));
    expect(await summary('inside.shop.svc.cluster.local')).toEqual(addresses('web.shop.svc.cluster.local', '10.96.0.20'));
  });

  it('leaves every other name to the name servers of the machine', async () => {
    expect(await summary('example.com')).toEqual(addresses('203.0.113.5'));
    expect(await summary('5.113.0.203.in-addr.arpa', 'PTR')).toMatchObject({ rcode: 'NOERROR' });
  });
});

describe('messages', () => {
  it('says that an answer did not fit a datagram, and gives it whole over TCP', async () => {
    const cut = await query('many.shop.svc.cluster.local');
    expect([cut.flag_tc, cut.answers?.length]).toEqual([true, 0]);
    const whole = await query('many.shop.svc.cluster.local', 'A', { tcp: true });
    expect([whole.flag_tc, whole.answers?.length]).toEqual([false, 120]);
  });

  it('answers what is no proper query with an error, and what is no query not at all', async () => {
    const respond = responder();
    const broken = Buffer.from([0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 63]);
    expect((await respond(broken, 'udp'))?.[3]).toBe(0x81);
    expect(await respond(Buffer.from([1, 2, 3]), 'udp')).toBeUndefined();
    const answer = dnsPacket.encode({ type: 'response', id: 1, questions: [{ type: 'A', name: 'a.b' }] });
    expect(await respond(answer, 'udp')).toBeUndefined();
  });

  it('does not deny names while no table is known', async () => {
    const respond = createResponder({ view: () => undefined, forwarder });
    const bytes = dnsPacket.encode({ type: 'query', id: 1, questions: [{ type: 'A', name: 'web.shop.svc.cluster.local' }] });
    expect(dnsPacket.decode((await respond(bytes, 'udp')) ?? Buffer.alloc(0))).toMatchObject({ rcode: 'SERVFAIL' });
  });
});
