import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Container } from '../../kinds/index.ts';
import { readImageRegistry } from './image-registry.ts';
import { type LocalNode, nearestNode } from './local-node.ts';
import { commandOf, resolveImage } from './resolve-image.ts';
import { parseImage } from './well-known.ts';

const nodes: readonly LocalNode[] = [
  { path: '/opt/node20/bin/node', version: '20.19.1' },
  { path: '/opt/node22/bin/node', version: '22.3.0' },
  { path: '/opt/node22b/bin/node', version: '22.11.0' },
  { path: '/opt/node16/bin/node', version: '16.1.0' },
];
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drover-image-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const registry = (entries: { readonly [key: string]: string } = {}) => readImageRegistry({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: entries });
const resolve = (container: Omit<Container, 'name'>, entries: { readonly [key: string]: string } = {}) =>
  resolveImage({ name: 'app', ...container }, { registry: registry(entries), nodes });
const commandFor = (container: Omit<Container, 'name'>, entries: { readonly [key: string]: string } = {}) => commandOf(container, resolve(container, entries));

describe('image names', () => {
  it.each([
    ['node', 'node', 'latest'],
    ['docker.io/library/node:18-alpine', 'node', '18-alpine'],
    ['localhost:5000/a/b:v1', 'localhost:5000/a/b', 'v1'],
    ['localhost:5000/a/b', 'localhost:5000/a/b', 'latest'],
    ['a@sha256:00', 'a', 'latest'],
  ])('%s', (image, repository, tag) => expect(parseImage(image)).toMatchObject({ repository, tag }));
});

describe('the nearest Node', () => {
  it.each([
    [20, '20.19.1'],
    [22, '22.11.0'],
    [18, '20.19.1'],
    [21, '22.11.0'],
    [24, '22.11.0'],
    [undefined, '20.19.1'],
  ])('to %s is %s', (major, version) => expect(nearestNode(nodes, major)?.version).toBe(version));
});

describe('an image', () => {
  const registered = () => ({ k: JSON.stringify({ name: 'shop', tag: 'v1', directory }) });

  it('that is registered runs its start script, or main, or its customary file', () => {
    writeFileSync(join(directory, 'server.js'), '');
    expect(commandFor({ image: 'shop:v1' }, registered())).toEqual(['node', 'server.js']);
    mkdirSync(join(directory, 'src'));
    writeFileSync(join(directory, 'src/a.js'), '');
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ main: 'src/a.js' }));
    expect(commandFor({ image: 'shop:v1' }, registered())).toEqual(['node', 'src/a.js']);
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ scripts: { start: 'node --enable-source-maps src/a.js' } }));
    expect(commandFor({ image: 'shop:v1' }, registered())).toEqual(['node', '--enable-source-maps', 'src/a.js']);
    expect(resolve({ image: 'shop:v1' }, registered()).workingDirectory).toBe(directory);
  });

  it('that is registered with a command lets args replace its arguments and command replace all', () => {
    const entries = { k: JSON.stringify({ name: 'shop', tag: 'v1', directory, command: ['node', 'a.js'] }) };
    expect(commandFor({ image: 'shop:v1', args: ['b.js'] }, entries)).toEqual(['node', 'b.js']);
    expect(commandFor({ image: 'shop:v1', command: ['sh'], args: ['-c', 'x'] }, entries)).toEqual(['sh', '-c', 'x']);
  });

  it('that is registered but cannot be started says why and what to do', () => {
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ scripts: { start: 'NODE_ENV=x next start' } }));
    expect(() => resolve({ image: 'shop:v1' }, registered())).toThrow('needs a shell ("NODE_ENV=x next start")');
    expect(() => resolve({ image: 'shop:v1' }, { k: JSON.stringify({ name: 'shop', tag: 'v1', directory: '/nowhere' }) })).toThrow(
      '/nowhere cannot be read (ENOENT)',
    );
  });

  it('of the image map is found with and without latest', () => {
    writeFileSync(join(directory, 'index.js'), '');
    expect(commandFor({ image: 'api' }, { map: `# ours\napi:latest = ${directory}\n` })).toEqual(['node', 'index.js']);
    expect(commandFor({ image: 'docker.io/library/api:latest' }, { map: `api = ${directory}` })).toEqual(['node', 'index.js']);
  });

  it('of node takes the nearest Node and says when it is another', () => {
    const found = resolve({ image: 'node:18-alpine', command: ['node', 'x.js'] });
    expect(found.pathPrefix).toBe('/opt/node20/bin');
    expect(found.notice).toBe('Image "node:18-alpine" asks for Node 18, which is not on this machine: Node 20.19.1 (/opt/node20/bin/node) is used');
    expect(resolve({ image: 'node:22', command: ['node'] }).notice).toBeUndefined();
    expect(commandFor({ image: 'node:20', args: ['x.js'] })).toEqual(['node', 'x.js']);
    expect(commandFor({ image: 'node:20', args: ['npm', 'start'] })).toEqual(['npm', 'start']);
  });

  it('that is unknown runs with a command and is refused without, with all that was tried', () => {
    expect(commandFor({ image: 'who/knows:1', command: ['sh'] })).toEqual(['sh']);
    expect(() => resolve({ image: 'who/knows:1' }, registered())).toThrow(
      'no program on this machine stands for image "who/knows:1". Tried: artifacts registered with drover image add (shop:v1);',
    );
    expect(() => resolve({ image: 'drover.dev/host' })).toThrow("runs the manifest's command");
  });
});

describe('the image ConfigMap', () => {
  it('tells what is wrong with it and keeps the rest', () => {
    const found = registry({ a: 'no', b: '{"name":1}', map: 'x\ny = /z', c: '{"name":"ok","directory":"/ok"}' });
    expect([...found.images.keys()]).toEqual(['y', 'ok']);
    expect(found.problems).toHaveLength(3);
  });
});
