import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Balancer } from './balancer.ts';

const nothing: ReadonlySet<string> = new Set();
const count = (list: readonly (string | undefined)[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const one of list) counts[one ?? 'none'] = (counts[one ?? 'none'] ?? 0) + 1;
  return counts;
};

describe('Balancer', () => {
  it('gives each endpoint the same number of connections, give or take one, whatever their number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 500 }), (endpoints, picks) => {
        const balancer = new Balancer();
        balancer.update(Array.from({ length: endpoints }, (_, n) => `10.0.0.${n}:80`));
        const counts = Object.values(count(Array.from({ length: picks }, () => balancer.pick({ nowMs: 0, tried: nothing })?.address)));
        if (picks >= endpoints) expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('gives a new endpoint its share and no more', () => {
    const balancer = new Balancer();
    balancer.update(['a:1']);
    for (let n = 0; n < 100; n++) balancer.pick({ nowMs: 0, tried: nothing });
    balancer.update(['a:1', 'b:1']);
    expect(count(Array.from({ length: 10 }, () => balancer.pick({ nowMs: 0, tried: nothing })?.address))).toEqual({ 'a:1': 5, 'b:1': 5 });
  });

  it('prefers the endpoint with fewer open connections among equals', () => {
    const balancer = new Balancer();
    balancer.update(['a:1', 'b:1']);
    const first = balancer.pick({ nowMs: 0, tried: nothing });
    balancer.pick({ nowMs: 0, tried: nothing });
    if (first) first.active += 1;
    expect(balancer.pick({ nowMs: 0, tried: nothing })?.address).toBe('b:1');
  });

  it('passes over an endpoint that refused until its pause is over, unless it is the last left', () => {
    const balancer = new Balancer();
    balancer.update(['a:1', 'b:1']);
    const failing = balancer.pick({ nowMs: 0, tried: nothing });
    if (failing) balancer.failed(failing, 0);
    expect(new Set([1, 2, 3].map(() => balancer.pick({ nowMs: 50, tried: nothing })?.address))).toEqual(new Set(['b:1']));
    expect(balancer.pick({ nowMs: 50, tried: new Set(['b:1']) })?.address).toBe('a:1');
    expect(balancer.pick({ nowMs: 200, tried: nothing })?.address).toBe('a:1');
    expect(balancer.pick({ nowMs: 0, tried: new Set(['a:1', 'b:1']) })).toBeUndefined();
  });

  it('keeps a client with its endpoint until the time is over or the endpoint is gone', () => {
    const balancer = new Balancer();
    balancer.update(['a:1', 'b:1']);
    const pick = (nowMs: number) => balancer.pick({ nowMs, tried: nothing, client: '10.0.0.9', affinitySeconds: 10 })?.address;
    const first = pick(0);
    expect([pick(1_000), pick(5_000), pick(14_000)]).toEqual([first, first, first]);
    balancer.update(['a:1', 'b:1'].filter((address) => address !== first));
    expect(pick(15_000)).not.toBe(first);
  });

  it('wakes who waits when an endpoint comes', () => {
    const balancer = new Balancer();
    let woken = 0;
    balancer.onChange(() => {
      woken += 1;
    });
    balancer.update([]);
    expect(woken).toBe(0);
    balancer.update(['a:1']);
    balancer.update(['a:1']);
    expect(woken).toBe(1);
  });
});
