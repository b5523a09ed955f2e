import { mkdirSync } from 'node:fs';
import { type Clock, type HomePaths, readIfThere, systemClock, writeWhole } from '../../std/index.ts';
import { type Cidr, formatCidr, nthAddress, overlaps, parseCidr } from '../address.ts';
import type { NetworkRanges } from '../contract.ts';
import { NetworkError } from '../network-error.ts';
import { CLAIMS_DIRECTORY, claim, claimedByOthers } from './claims.ts';
import { type KeptRanges, parseKept, rangesFile } from './kept-ranges.ts';
import { primaryAddress, usedRanges } from './machine-addresses.ts';
import { whyNoNamespaces } from './probe.ts';

export interface ChooseRangesOptions {
  readonly home: HomePaths;
  /**
   * DROVER_NETWORK=netns|loopback, DROVER_POD_CIDR, DROVER_SERVICE_CIDR and DROVER_NODE_ADDRESS are read from it. The first three count only
   * until the home has chosen: addresses of a home are kept.
   */
  readonly env: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  /** Where homes see each other's ranges. Default: one directory for the machine. */
  readonly claimsDirectory?: string;
  /** Ranges in use on this machine. Default: its routes and addresses. */
  readonly used?: readonly Cidr[];
  /** Why namespaces cannot be made here, or undefined. Default: tries it. */
  readonly whyNoNamespaces?: () => Promise<string | undefined>;
}

/**
 * The address ranges of a home: read from the home, else chosen so that they meet no route, no address and no other home of this machine, and kept.
 * Throws NetworkError when a range that was asked for is taken, when none is left, or when a home with namespaces is started where none can be made.
 */
export async function chooseRanges(options: ChooseRangesOptions): Promise<NetworkRanges> {
  const { home, env } = options;
  const nowMs = (options.clock ?? systemClock).now();
  const claims = { directory: options.claimsDirectory ?? CLAIMS_DIRECTORY, home: home.home, nowMs };
  const take = (key: string) => claim({ ...claims, key });
  const why = options.whyNoNamespaces ?? whyNoNamespaces;
  const file = rangesFile(home);
  const kept = parseKept(readIfThere(file), file);
  if (kept) {
    if (kept.mode === 'netns') {
      const reason = await why();
      if (reason) {
        throw new NetworkError(
          'ERR_NETWORK_MODE',
          `The home ${home.home} was started with a network namespace per pod, which is not possible now: ${reason}. Start it as root again, or use another home.`,
        );
      }
    }
    // The claim may have been cleaned away meanwhile; the ranges are kept either way, services of this home have their addresses from them.
    take(kept.podCidr);
    take(kept.serviceCidr);
    return complete(kept, env);
  }
  mkdirSync(home.network, { recursive: true, mode: 0o700 });
  const mode = await chooseMode(env, why);
  const others = claimedByOthers(claims).flatMap((range) => readRange(range) ?? []);
  const chosen = choosePair({ mode, env, used: [...(options.used ?? usedRanges()), ...others], take });
  writeWhole(file, `${JSON.stringify(chosen, null, 2)}\n`);
  return complete(chosen, env);
}

async function chooseMode(env: NodeJS.ProcessEnv, why: () => Promise<string | undefined>): Promise<'netns' | 'loopback'> {
  const asked = env['DROVER_NETWORK'];
  if (asked === 'loopback') return 'loopback';
  if (asked !== undefined && asked !== '' && asked !== 'netns') {
    throw new NetworkError(
      'ERR_NETWORK_MODE',
      `DROVER_NETWORK is "${asked}"; it can be netns (an address and a network namespace per pod, needs root) or loopback.`,
    );
  }
  const reason = await why();
  if (reason && asked === 'netns')
    throw new NetworkError('ERR_NETWORK_MODE', `DROVER_NETWORK=netns is not possible here: ${reason}. Leave it out to use loopback addresses.`);
  return reason ? 'loopback' : 'netns';
}

function choosePair(options: {
  readonly mode: 'netns' | 'loopback';
  readonly env: NodeJS.ProcessEnv;
  readonly used: readonly Cidr[];
  readonly take: (range: string) => boolean;
}): KeptRanges {
  const { mode, env, used, take } = options;
  const pick = (what: string, variable: string, candidates: readonly string[], taken: readonly Cidr[]): string => {
    const asked = env[variable];
    if (asked) return checkAsked({ asked, variable, mode, taken, take });
    const found = candidates.find((candidate) => !taken.some((other) => overlaps(other, parseCidr(candidate))) && take(candidate));
    if (found) return found;
    throw new NetworkError(
      'ERR_NETWORK_RANGE',
      `No free range for ${what}: every candidate (${candidates[0]} … ${candidates.at(-1)}) meets a route of this machine or another drover home. Set ${variable}.`,
    );
  };
  const blocks = (first: number, last: number, of: (n: number) => string) => Array.from({ length: last - first + 1 }, (_, index) => of(first + index));
  if (mode === 'loopback') {
    const podCidr = pick(
      'pods',
      'DROVER_POD_CIDR',
      blocks(32, 119, (n) => `127.${2 * n}.0.0/16`),
      used,
    );
    const beside = parseCidr(podCidr);
    const near = formatCidr({ ...beside, base: beside.base + beside.size });
    return {
      mode,
      podCidr,
      serviceCidr: pick('services', 'DROVER_SERVICE_CIDR', [near, ...blocks(32, 119, (n) => `127.${2 * n + 1}.0.0/16`)], [...used, beside]),
    };
  }
  const podCidr = pick('pods', 'DROVER_POD_CIDR', [...blocks(244, 254, (n) => `10.${n}.0.0/16`), ...blocks(128, 243, (n) => `10.${n}.0.0/16`)], used);
  const serviceCandidates = [...blocks(96, 127, (n) => `10.${n}.0.0/16`), ...blocks(32, 95, (n) => `10.${n}.0.0/16`)];
  return { mode, podCidr, serviceCidr: pick('services', 'DROVER_SERVICE_CIDR', serviceCandidates, [...used, parseCidr(podCidr)]) };
}

function readRange(text: string): Cidr | undefined {
  try {
    return parseCidr(text);
  } catch {
    return undefined;
  }
}

function checkAsked(options: {
  readonly asked: string;
  readonly variable: string;
  readonly mode: 'netns' | 'loopback';
  readonly taken: readonly Cidr[];
  readonly take: (range: string) => boolean;
}): string {
  const { asked, variable, mode, taken, take } = options;
  const refuse = (why: string) => new NetworkError('ERR_NETWORK_RANGE', `${variable}=${asked}: ${why}`);
  const range = readRange(asked);
  if (!range) throw refuse('this is no IPv4 range such as 10.244.0.0/16.');
  if (range.prefix < 16 || range.prefix > 26) throw refuse('the range must have a prefix of /16 to /26.');
  if ((range.base >>> 24 === 127) !== (mode === 'loopback'))
    throw refuse(mode === 'loopback' ? 'in loopback mode the range must be inside 127.0.0.0/8.' : 'the range must not be inside 127.0.0.0/8.');
  const other = taken.find((one) => overlaps(one, range));
  if (other) throw refuse(`it meets ${formatCidr(other)}, which this machine or another drover home on it uses already.`);
  const written = formatCidr(range);
  if (!take(written)) throw refuse('another drover home on this machine has it.');
  return written;
}

function complete(kept: KeptRanges, env: NodeJS.ProcessEnv): NetworkRanges {
  const services = parseCidr(kept.serviceCidr);
  return Object.freeze({
    ...kept,
    apiAddress: nthAddress(services, 1),
    dnsAddress: nthAddress(services, 10),
    nodeAddress: env['DROVER_NODE_ADDRESS'] || primaryAddress(),
  });
}
