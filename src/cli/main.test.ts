import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import { VERBS } from './verbs/index.ts';

test('drover alone, help and --help print the commands without a daemon', async () => {
  for (const argv of [[], ['help'], ['--help']]) {
    const { code, out, err } = await runCli(undefined, argv);
    expect([code, err]).toEqual([0, '']);
    for (const { name } of VERBS) expect(out).toContain(`\n  ${name} `);
  }
});

test.each(VERBS.map((verb) => [verb.name, verb] as const))('drover %s --help explains it without a daemon, examples first', async (name, entry) => {
  const { code, out, err } = await runCli(undefined, [name, '--help']);
  expect([code, err]).toEqual([0, '']);
  expect(out.indexOf('Examples:')).toBeGreaterThan(0);
  expect(out.indexOf('Examples:')).toBeLessThan(out.indexOf('Usage: drover'));
  const verb = await entry.load();
  const shorts = Object.values(verb.options).flatMap(({ short }) => (short ? [short] : []));
  expect(new Set([...shorts, 'q', 'h']).size).toBe(shorts.length + 2);
  for (const option of Object.keys(verb.options)) expect(out).toContain(`--${option}`);
  expect(entry.summary.length).toBeLessThan(80);
});

test('names and aliases of verbs are unique', () => {
  const names = VERBS.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]);
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  [['strat', 'x'], 'there is no command "strat"\ndid you mean: drover start'],
  [['lsit'], 'did you mean: drover list'],
  [['list', '--namespce', 'x'], 'unknown option --namespce\ndid you mean --namespace?'],
  [['start'], 'name a script'],
  [['get'], 'name a kind'],
  [['apply'], 'name what to read'],
  [['rollout', 'sttus'], 'expected one of status, history'],
  [['daemon', 'strt'], 'expected one of start, stop'],
  [['image', 'add', '-', 'x'], 'expected an image name'],
])('%j is a usage error with the right form: %s', async (argv, message) => {
  const { FakeCluster } = await import('./testing/fake-cluster.ts');
  const { code, out, err } = await runCli(new FakeCluster(), argv);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(message);
});

test('global options may stand before the verb', async () => {
  const { code, err } = await runCli(undefined, ['--kubeconfig', '/nonexistent/config', 'list']);
  expect([code, err]).toEqual([1, 'error: no kubeconfig: /nonexistent/config does not exist; name one with --kubeconfig or KUBECONFIG\n']);
});

test('completion scripts name every verb', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out } = await runCli(undefined, ['completion', shell]);
    expect(code).toBe(0);
    for (const { name } of VERBS) expect(out).toContain(name);
  }
});

test('a home that cannot be made is told with what to do', async () => {
  const { code, err } = await runCli(undefined, ['list', '--home', '/proc/nothing']);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^error: cannot use the home \/proc\/nothing: .*\nname another directory with --home or DROVER_HOME\n$/),
  ]);
});
