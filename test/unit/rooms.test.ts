import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../../src');

/** Which room may import which; see ARCHITECTURE.md. A new arrow needs a decision record. */
const CLIENT_ROOMS = ['std', 'apimachinery', 'kinds', 'client'];
const MAY_IMPORT: Record<string, readonly string[]> = {
  std: [],
  inject: [],
  apimachinery: ['std'],
  kinds: ['std', 'apimachinery'],
  storage: ['std', 'apimachinery'],
  client: ['std', 'apimachinery', 'kinds'],
  formats: ['std', 'apimachinery', 'kinds'],
  runtimes: ['std', 'apimachinery', 'kinds'],
  apiserver: ['std', 'apimachinery', 'kinds', 'storage'],
  controllers: CLIENT_ROOMS,
  scheduler: CLIENT_ROOMS,
  network: CLIENT_ROOMS,
  kubelet: [...CLIENT_ROOMS, 'runtimes'],
  cli: [...CLIENT_ROOMS, 'formats'],
  daemon: [...CLIENT_ROOMS, 'storage', 'apiserver', 'controllers', 'scheduler', 'runtimes', 'kubelet', 'network'],
  'bin.ts': ['cli', 'std'],
};
const ANY_ROOM = new Set(['testkit']);

/** Rooms in which no clock is read, no timer set and nothing random drawn, but through what is passed in. */
const TIMELESS = /^(?!std\/clock\.ts|inject\/|testkit\/|.*\.test\.ts$|.*\/suite)/;

/** Rooms and folders that start processes. */
const STARTS_PROCESSES = /^(runtimes|kubelet|testkit)\/|^network\/node\/|^cli\/daemon\//;
/** Programs that the user's own configuration names, run for as long as reading it takes: kubeconfig exec plugins and ecosystem files that are programs. */
const READS_BY_RUNNING = ['client/kubeconfig/exec-credential.ts', 'cli/ecosystem/load-ecosystem.ts'];

function sources(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) return name === 'schema' ? [] : sources(path);
    return /\.ts$/.test(name) ? [path] : [];
  });
}

const files = sources(src).map((path) => ({ path: relative(src, path), text: readFileSync(path, 'utf8') }));
const isTest = (path: string) => /\.test\.ts$|(^|\/)suite/.test(path);
const roomOf = (path: string) => path.split('/')[0] ?? path;

const imports = files.flatMap(({ path, text }) =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map((match) => ({
    path,
    target: relative(src, resolve(src, dirname(path), match[1] ?? '')),
  })),
);

describe('the house', () => {
  it('has only the arrows of the table', () => {
    const wrong = imports
      .filter(({ path, target }) => roomOf(path) !== roomOf(target) && !ANY_ROOM.has(roomOf(path)))
      .filter(({ path, target }) => !(isTest(path) && (ANY_ROOM.has(roomOf(target)) || roomOf(target) === 'testkit')))
      .filter(({ path, target }) => !MAY_IMPORT[roomOf(path)]?.includes(roomOf(target)))
      .map(({ path, target }) => `${path} imports ${target}`);
    expect(wrong).toEqual([]);
  });

  it('has one door a room', () => {
    const wrong = imports
      .filter(({ path, target }) => roomOf(path) !== roomOf(target) && !isTest(path) && !ANY_ROOM.has(roomOf(path)))
      .filter(({ target }) => target !== `${roomOf(target)}/index.ts`)
      .map(({ path, target }) => `${path} imports ${target}, past the door`);
    expect(wrong).toEqual([]);
  });

  it('starts processes only where pods are run and the daemon is brought up', () => {
    const wrong = files
      .filter(({ path }) => !isTest(path) && !STARTS_PROCESSES.test(path) && !READS_BY_RUNNING.includes(path))
      .filter(({ text }) => /['"](?:node:)?child_process['"]/.test(text))
      .map(({ path }) => path);
    expect(wrong).toEqual([]);
  });

  it('reaches storage only from apiserver and from daemon, which opens it', () => {
    const wrong = imports
      .filter(({ path, target }) => roomOf(target) === 'storage' && !['storage', 'apiserver', 'daemon', 'testkit'].includes(roomOf(path)))
      .map(({ path, target }) => `${path} imports ${target}`);
    expect(wrong).toEqual([]);
  });

  it('lets only std/clock read time, and draws nothing at random where decisions are made', () => {
    const wrong = files
      .filter(({ path }) => TIMELESS.test(path))
      .filter(({ text }) => /\bDate\.now\(|\bnew Date\(\)|\bset(?:Timeout|Interval)\(|\bperformance\.now\(/.test(text))
      .map(({ path }) => path);
    expect(wrong).toEqual([]);
  });

  it('keeps every reconcile free of I/O, clock and chance', () => {
    const wrong = files
      .filter(({ path }) => /(^|\/)reconcile\.ts$/.test(path) || /^(kinds|formats)\//.test(path))
      .filter(({ path }) => !isTest(path))
      .filter(({ text }) => /from 'node:(fs|net|http|https|child_process|crypto)|Math\.random\(/.test(text))
      .map(({ path }) => path);
    expect(wrong.filter((path) => !path.startsWith('formats/ecosystem/load'))).toEqual([]);
  });

  it('keeps files readable: none past 400 lines', () => {
    const long = files.filter(({ text }) => text.split('\n').length > 401).map(({ path, text }) => `${path}: ${text.split('\n').length} lines`);
    expect(long).toEqual([]);
  });
});
