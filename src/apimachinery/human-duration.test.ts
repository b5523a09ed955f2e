import { expect, test } from 'vitest';
import { humanAge, humanDuration } from './human-duration.ts';

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

test.each([
  [-5 * S, '<invalid>'],
  [-1 * S, '0s'],
  [0, '0s'],
  [119 * S, '119s'],
  [125 * S, '2m5s'],
  [9 * M + 59 * S, '9m59s'],
  [12 * M + 5 * S, '12m'],
  [3 * H + 20 * M, '3h20m'],
  [3 * H, '3h'],
  [9 * H + 20 * M, '9h'],
  [47 * H, '47h'],
  [2 * D + 4 * H, '2d4h'],
  [8 * D + 4 * H, '8d'],
  [400 * D, '400d'],
  [800 * D, '2y70d'],
  [9 * 365 * D, '9y'],
])('%d ms are %s', (ms, expected) => {
  expect(humanDuration(ms)).toBe(expected);
});

test('ages of no time are unknown', () => {
  expect([humanAge(undefined, 0), humanAge('2026-01-01T00:00:00Z', Date.UTC(2026, 0, 1, 0, 1))]).toEqual(['<unknown>', '60s']);
});
