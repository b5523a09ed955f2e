import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Container, Pod, PodSpec } from '../../../schema/types.ts';
import { podRequests, qosClass } from './index.ts';

const podOf = (spec: PodSpec): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default' }, spec });

describe('the requests of a pod', () => {
  const asks = (name: string, cpu: string, restartPolicy?: string): Container => ({
    name,
    image: 'a',
    resources: { requests: { cpu } },
    ...(restartPolicy ? { restartPolicy } : {}),
  });
  it("are its containers' and sidecars' sum, or the largest moment before they start", () => {
    const cpu = (spec: PodSpec): number | undefined => podRequests(podOf(spec))['cpu'];
    expect(cpu({ containers: [asks('a', '1'), asks('b', '500m')] })).toBe(1500);
    expect(cpu({ containers: [asks('a', '1')], initContainers: [asks('i', '3')] })).toBe(3000);
    expect(cpu({ containers: [asks('a', '1')], initContainers: [asks('s', '1', 'Always'), asks('i', '3')] })).toBe(4000);
    expect(cpu({ containers: [asks('a', '1')], initContainers: [asks('i', '1'), asks('s', '1', 'Always')], overhead: { cpu: '10m' } })).toBe(2010);
  });
  it("are never less than any container's own", () => {
    const list = fc.array(fc.tuple(fc.integer({ min: 0, max: 64 }), fc.boolean()), { maxLength: 5 });
    fc.assert(
      fc.property(list, list, (inits, containers) => {
        const spec: PodSpec = {
          containers: containers.map(([cpu], index) => asks(`c${index}`, String(cpu))),
          initContainers: inits.map(([cpu, always], index) => asks(`i${index}`, String(cpu), always ? 'Always' : undefined)),
        };
        const total = podRequests(podOf(spec))['cpu'] ?? 0;
        const most = Math.max(0, ...[...inits, ...containers].map(([cpu]) => cpu * 1000));
        expect(total).toBeGreaterThanOrEqual(most);
      }),
    );
  });
  it('give its class of service', () => {
    const of = (resources: NonNullable<Container['resources']>) => qosClass({ containers: [{ name: 'a', image: 'a', resources }] });
    expect(of({})).toBe('BestEffort');
    expect(of({ requests: { cpu: '0' } })).toBe('BestEffort');
    expect(of({ requests: { cpu: '1' } })).toBe('Burstable');
    expect(of({ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1Gi' } })).toBe('Guaranteed');
    expect(of({ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } })).toBe('Burstable');
  });
});
