import { expect, test } from 'vitest';
import { placeProblem } from './place-problem.ts';

const text = `module.exports = { apps: [
  { name: 'a', script: 'x.js', instnaces: 2 },
  { name: "b" },
  { name: 'b-c', watch: true },
  { name: 'd', watch: true, 'max_restarts': -1 },
] }`;

test.each([
  ['app "a": instnaces: there is no such attribute', 2],
  ['app "b": script is missing', 3],
  ['app "b-c": watch: refused', 4],
  ['app "d": max_restarts: expected a whole number', 5],
  ['app "e": watch: refused', undefined],
  ['expected a list of apps', undefined],
])('%s', (problem, line) => {
  expect(placeProblem('f.js', text, problem)).toBe(`f.js${line ? `:${line}` : ''}: ${problem}`);
});
