import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Slots } from './slots.ts';

it('never gives more slots than there are, and gives every one that is free to the first in line', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.constantFrom('take', 'release', 'leave'), { maxLength: 60 }), (limit, steps) => {
      const slots = new Slots(limit);
      let running = 0;
      let asked = 0;
      const started: number[] = [];
      const leave = new Map<number, () => void>();
      for (const step of steps) {
        if (step === 'take') {
          const number = asked++;
          const quit = slots.take(() => {
            running += 1;
            started.push(number);
            leave.delete(number);
          });
          if (!started.includes(number)) leave.set(number, quit);
        } else if (step === 'release' && running > 0) {
          running -= 1;
          slots.release();
        } else if (step === 'leave') {
          const first = leave.keys().next().value;
          if (first !== undefined) {
            leave.get(first)?.();
            leave.delete(first);
          }
        }
        expect(running).toBeLessThanOrEqual(limit);
        expect(slots.taken).toBe(running);
        expect(slots.waiting).toBe(leave.size);
        if (leave.size > 0) expect(running).toBe(limit);
        expect(started).toEqual([...started].sort((a, b) => a - b));
      }
    }),
  );
});
