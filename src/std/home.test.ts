import { expect, test } from 'vitest';
import { homePaths } from './home.ts';

// Bridges, namespaces and control groups of running apps bear it: another id after an upgrade would cut them off from their network.
test('a home keeps its id from version to version', () => {
  expect(homePaths('/var/lib/drover').id).toBe('8afc3a04');
});
