import { randomInt, randomUUID } from 'node:crypto';
import type { Randomness } from './registry.ts';

/** Letters and digits that cannot spell words or be taken for one another. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** The machine's randomness. */
export const systemRandomness: Randomness = {
  uuid: () => randomUUID(),
  suffix: (length) => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  below: (bound) => randomInt(bound),
};

const SUFFIX_LENGTH = 5;
const MAX_NAME_LENGTH = 63;

/** A name that starts with `base`, shortened so that the random end fits. */
export const generateName = (base: string, randomness: Randomness): string => base.slice(0, MAX_NAME_LENGTH - SUFFIX_LENGTH) + randomness.suffix(SUFFIX_LENGTH);
