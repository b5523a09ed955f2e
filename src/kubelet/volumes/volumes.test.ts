import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod, PodSpec, Volume } from '../../kinds/index.ts';
import type { ObjectSources } from '../env/container-env.ts';
import { writeAtomicDirectory } from './atomic-directory.ts';
import { checkHostPath } from './host-path.ts';
import { volumePayload } from './payload.ts';
import { containerMounts, removePodDirectory, setUpVolumes } from './pod-volumes.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drover-volumes-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const file = (text: string, mode: number = 0o644) => ({ data: Buffer.from(text), mode });

describe('an atomic directory', () => {
  it('holds exactly the files given, replaces them by one rename, and is left alone when nothing differs', async () => {
    const at = join(root, 'v');
    expect(
      await writeAtomicDirectory(
        at,
        new Map([
          ['a', file('1')],
          ['d/b', file('2', 0o400)],
        ]),
        undefined,
      ),
    ).toBe(true);
    const first = readlinkSync(join(at, '..data'));
    expect(readFileSync(join(at, 'd/b'), 'utf8')).toBe('2');
    expect(statSync(join(at, 'd/b')).mode & 0o777).toBe(0o400);
    expect(
      await writeAtomicDirectory(
        at,
        new Map([
          ['a', file('1')],
          ['d/b', file('2', 0o400)],
        ]),
        undefined,
      ),
    ).toBe(false);
    expect(readlinkSync(join(at, '..data'))).toBe(first);
    expect(await writeAtomicDirectory(at, new Map([['c', file('3')]]), undefined)).toBe(true);
    expect(readdirSync(at).sort()).toEqual(['..data', readlinkSync(join(at, '..data')), 'c'].sort());
    expect(readdirSync(root)).toEqual(['v']);
  });

  it('ends with the files of the last write, whatever came before', async () => {
    const payloads = fc.dictionary(fc.constantFrom('a', 'b', 'c/d', 'c/e'), fc.string({ maxLength: 5 }), { maxKeys: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(payloads, { minLength: 1, maxLength: 4 }), async (writes) => {
        const at = join(root, 'w');
        for (const one of writes) await writeAtomicDirectory(at, new Map(Object.entries(one).map(([path, text]) => [path, file(text)])), undefined);
        const seen = Object.fromEntries(
          readdirSync(at)
            .filter((name) => !name.startsWith('..'))
            .flatMap((name) => (statSync(join(at, name)).isDirectory() ? readdirSync(join(at, name)).map((inner) => `${name}/${inner}`) : [name]))
            .map((path) => [path, readFileSync(join(at, path), 'utf8')]),
        );
        expect(seen).toEqual({ ...writes.at(-1) });
      }),
      { numRuns: 40 },
    );
  });
});

const sources: ObjectSources = {
  configMap: (_namespace, name) =>
    name === 'cfg'
      ? { apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { a: '1', b: '2' }, binaryData: { c: Buffer.from([0, 255]).toString('base64') } }
      : undefined,
  secret: (_namespace, name) =>
    name === 'key' ? { apiVersion: 'v1', kind: 'Secret', metadata: {}, data: { p: Buffer.from('s').toString('base64') } } : undefined,
  services: () => [],
  kubernetesService: () => undefined,
};
const podWith = (volumes: readonly Volume[], spec: Partial<PodSpec> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u', labels: { app: 'x' } },
  spec: { containers: [], volumes, ...spec },
});
const input = (pod: Pod) => ({
  pod,
  sources,
  fields: { podIP: '10.0.0.1', hostIP: '' },
  machine: { cpuMilli: 1000, memoryBytes: 1, ephemeralStorageBytes: 1 },
});
const texts = (volume: Omit<Volume, 'name'>) =>
  Object.fromEntries(
    [...(volumePayload({ name: 'v', ...volume }, input(podWith([]))) ?? [])].map(([path, one]) => [
      path,
      `${one.data.toString('latin1')} ${one.mode.toString(8)}`,
    ]),
  );

describe('the files of a volume', () => {
  it('come from every source, with modes and chosen keys', () => {
    expect(texts({ configMap: { name: 'cfg', defaultMode: 0o600 } })).toEqual({ a: '1 600', b: '2 600', c: '\u0000ÿ 600' });
    expect(texts({ configMap: { name: 'cfg', items: [{ key: 'a', path: 'x/y', mode: 0o400 }] } })).toEqual({ 'x/y': '1 400' });
    expect(texts({ secret: { secretName: 'key' } })).toEqual({ p: 's 644' });
    expect(texts({ downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } })).toEqual({ labels: 'app="x" 644' });
    expect(texts({ projected: { sources: [{ configMap: { name: 'cfg', items: [{ key: 'a', path: 'a' }] } }, { secret: { name: 'key' } }] } })).toEqual({
      a: '1 644',
      p: 's 644',
    });
  });

  it('that are missing are named, unless they are optional', () => {
    expect(() => texts({ configMap: { name: 'no' } })).toThrow('configmap "no" not found');
    expect(() => texts({ secret: { secretName: 'key', items: [{ key: 'q', path: 'q' }] } })).toThrow('references non-existent secret key: q');
    expect(texts({ configMap: { name: 'no', optional: true } })).toEqual({});
  });
});

describe('the volumes of a pod', () => {
  it('are made, mounted with their subPath inside the volume only, and removed', async () => {
    const pod = podWith([
      { name: 'cfg', configMap: { name: 'cfg' } },
      { name: 'data', emptyDir: {} },
    ]);
    await setUpVolumes(root, input(pod));
    const mounts = await containerMounts(
      root,
      pod,
      {
        name: 'app',
        volumeMounts: [
          { name: 'cfg', mountPath: '/a', subPath: 'a' },
          { name: 'data', mountPath: '/d', subPathExpr: '$(WHO)/x' },
        ],
      },
      { WHO: 'me' },
    );
    expect(readFileSync(mounts[0]?.source ?? '', 'utf8')).toBe('1');
    expect(mounts[0]?.readOnly).toBe(true);
    expect(mounts[1]?.source.endsWith('/data/me/x')).toBe(true);
    symlinkSync('/etc', join(root, 'u/volumes/kubernetes.io~empty-dir/data/out'));
    const outside = (subPath: string) => containerMounts(root, pod, { name: 'app', volumeMounts: [{ name: 'data', mountPath: '/d', subPath }] }, {});
    await expect(outside('out')).rejects.toThrow('leaves the volume');
    await expect(outside('../x')).rejects.toThrow('leaves the volume');
    await removePodDirectory(root, 'u');
    expect(readdirSync(root)).toEqual([]);
  });

  it('that cannot be made say so in the words of the FailedMount event', async () => {
    await expect(setUpVolumes(root, input(podWith([{ name: 'v', configMap: { name: 'no' } }])))).rejects.toThrow(
      'MountVolume.SetUp failed for volume "v" : configmap "no" not found',
    );
    await expect(setUpVolumes(root, input(podWith([{ name: 'v', nfs: { server: 's', path: '/' } }])))).rejects.toThrow('volumes of type nfs are not supported');
  });
});

describe('a hostPath', () => {
  it('is checked by its type and made when that says so', async () => {
    const at = join(root, 'dir');
    await expect(checkHostPath(at, 'Directory')).rejects.toThrow(`hostPath type check failed: ${at} is not a directory`);
    await checkHostPath(at, 'DirectoryOrCreate');
    await checkHostPath(at, 'Directory');
    await checkHostPath(join(root, 'file'), 'FileOrCreate');
    await expect(checkHostPath(join(root, 'file'), 'Socket')).rejects.toThrow('is not a socket file');
    writeFileSync(join(root, 'f'), '');
    await checkHostPath(join(root, 'f'), undefined);
  });
});
