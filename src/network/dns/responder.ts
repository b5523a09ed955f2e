import dnsPacket, { type Answer, type DecodedPacket, type Question } from 'dns-packet';
import type { DnsTransport, Forwarder } from './forwarder.ts';
import { bareAnswer, HEADER_BYTES } from './wire.ts';
import { lookUp, TTL_SECONDS, type ZoneAnswer, type ZoneView } from './zone.ts';

const FORMERR = 1;
const SERVFAIL = 2;
const NXDOMAIN = 3;
const NOTIMP = 4;
const REFUSED = 5;
/** Fits every path without fragments. */
const UDP_LIMIT_BYTES = 1232;
const PLAIN_UDP_LIMIT_BYTES = 512;
const ALIAS_LIMIT = 4;

/** Answers one query; undefined for what is none and gets no answer. Never rejects. */
export type Responder = (query: Buffer, transport: DnsTransport) => Promise<Buffer | undefined>;

export function createResponder(options: { readonly view: () => ZoneView | undefined; readonly forwarder: Forwarder }): Responder {
  const { view, forwarder } = options;
  let turn = 0;
  return async (query, transport) => {
    if (query.length < HEADER_BYTES || ((query[2] ?? 0) & 0x80) !== 0) return undefined;
    if (((query[2] ?? 0) & 0x78) !== 0) return bareAnswer(query, NOTIMP);
    const packet = decode(query);
    const question = packet?.questions?.[0];
    if (!packet || !question || packet.questions?.length !== 1) return bareAnswer(query, FORMERR);
    if (question.class !== undefined && question.class !== 'IN') return bareAnswer(query, REFUSED);
    const zone = view();
    // Without a table nothing is known about the zone; "no such name" would be a lie that callers keep.
    if (!zone) return bareAnswer(query, SERVFAIL);
    const own = lookUp(zone, question.name, question.type);
    if (!own) return forwarder.forward(query, transport);
    turn += 1;
    const answers = rotate(own.answers, turn);
    const aliased = own.alias === undefined ? [] : await resolveAlias({ zone, forwarder, transport, name: own.alias, type: question.type });
    return encodeAnswer({ packet, question, answer: { ...own, answers: [...answers, ...aliased] }, zone, transport });
  };
}

function decode(query: Buffer): DecodedPacket | undefined {
  try {
    return dnsPacket.decode(query);
  } catch {
    return undefined;
  }
}

/** Starts a list of addresses at another place each time: many programs take the first only. */
function rotate(answers: readonly Answer[], turn: number): readonly Answer[] {
  if (answers.length < 2) return answers;
  const first = turn % answers.length;
  return [...answers.slice(first), ...answers.slice(0, first)];
}

/** The records behind an ExternalName: of the zone itself, or as the machine's name servers know it. */
async function resolveAlias(options: {
  readonly zone: ZoneView;
  readonly forwarder: Forwarder;
  readonly transport: DnsTransport;
  readonly name: string;
  readonly type: Question['type'];
}): Promise<readonly Answer[]> {
  const { zone, forwarder, transport, type } = options;
  const answers: Answer[] = [];
  let name = options.name;
  if (type === 'CNAME') return [];
  for (let step = 0; step < ALIAS_LIMIT; step++) {
    const own = lookUp(zone, name, type);
    if (!own) {
      const query = dnsPacket.encode({ type: 'query', id: 0, flags: dnsPacket.RECURSION_DESIRED, questions: [{ type, name }] });
      return [...answers, ...(decode(await forwarder.forward(query, transport))?.answers ?? [])];
    }
    answers.push(...own.answers);
    if (own.alias === undefined) break;
    name = own.alias;
  }
  return answers;
}

function encodeAnswer(options: {
  readonly packet: DecodedPacket;
  readonly question: Question;
  readonly answer: ZoneAnswer;
  readonly zone: ZoneView;
  readonly transport: DnsTransport;
}): Buffer {
  const { packet, question, answer, zone, transport } = options;
  const asked = packet.additionals?.find((one) => one.type === 'OPT');
  const opt: readonly Answer[] = asked
    ? [{ type: 'OPT', name: '.', udpPayloadSize: UDP_LIMIT_BYTES, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] }]
    : [];
  const desired = packet.flag_rd ? dnsPacket.RECURSION_DESIRED : 0;
  const rcode = answer.rcode === 'NXDOMAIN' ? NXDOMAIN : 0;
  const flags = dnsPacket.AUTHORITATIVE_ANSWER | dnsPacket.RECURSION_AVAILABLE | desired | rcode;
  const base = { type: 'response' as const, id: packet.id ?? 0, questions: [question] };
  const { domain } = zone.table.settings;
  const authorities: Answer[] =
    answer.answers.length > 0
      ? []
      : [
          {
            name: domain,
            type: 'SOA',
            ttl: TTL_SECONDS,
            data: { mname: `ns.dns.${domain}`, rname: `hostmaster.${domain}`, serial: 1, refresh: 7200, retry: 1800, expire: 86400, minimum: TTL_SECONDS },
          },
        ];
  const whole = dnsPacket.encode({ ...base, flags, answers: [...answer.answers], authorities, additionals: [...answer.additionals, ...opt] });
  if (transport === 'tcp') return whole;
  const offered = asked?.type === 'OPT' ? asked.udpPayloadSize : PLAIN_UDP_LIMIT_BYTES;
  if (whole.length <= Math.max(PLAIN_UDP_LIMIT_BYTES, Math.min(UDP_LIMIT_BYTES, offered))) return whole;
  return dnsPacket.encode({ ...base, flags: flags | dnsPacket.TRUNCATED_RESPONSE, answers: [], authorities: [], additionals: [...opt] });
}
