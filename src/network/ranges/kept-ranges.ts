import { join } from 'node:path';
import { errorText, type HomePaths } from '../../std/index.ts';
import { formatCidr, parseCidr } from '../address.ts';
import { NetworkError } from '../network-error.ts';

/** What is kept in <home>/network/ranges.json. */
export interface KeptRanges {
  readonly mode: 'netns' | 'loopback';
  readonly podCidr: string;
  readonly serviceCidr: string;
}

export const rangesFile = (home: HomePaths): string => join(home.network, 'ranges.json');

/** Throws NetworkError for a file that does not say what it must. */
export function parseKept(text: string | undefined, file: string): KeptRanges | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Partial<KeptRanges>;
    if ((value.mode === 'netns' || value.mode === 'loopback') && value.podCidr && value.serviceCidr) {
      return { mode: value.mode, podCidr: formatCidr(parseCidr(value.podCidr)), serviceCidr: formatCidr(parseCidr(value.serviceCidr)) };
    }
  } catch (error) {
    throw new NetworkError(
      'ERR_NETWORK_STATE',
      `${file} cannot be read: ${errorText(error)}. Restore it; services of this home have addresses of its ranges.`,
      { cause: error },
    );
  }
  throw new NetworkError(
    'ERR_NETWORK_STATE',
    `${file} does not name mode, podCidr and serviceCidr. Restore it; services of this home have addresses of its ranges.`,
  );
}
