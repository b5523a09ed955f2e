import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equalSets, type FieldSet, FieldSetBuilder, intersect, isEmptySet, membersOf, subtract, subtractWhole, unite } from './field-set.ts';

const path = fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"n":1}'), { minLength: 1, maxLength: 3 });
const paths = fc.array(path, { maxLength: 6 });

function setOf(all: readonly (readonly string[])[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const one of all) builder.add(one);
  return builder.build();
}
const texts = (set: FieldSet): readonly string[] =>
  membersOf(set)
    .map((one) => one.join('/'))
    .sort();
const unique = (all: readonly string[]): readonly string[] => [...new Set(all)].sort();

test('operations on field sets are those of sets of paths', () => {
  fc.assert(
    fc.property(paths, paths, (left, right) => {
      const [one, other] = [left.map((each) => each.join('/')), right.map((each) => each.join('/'))];
      expect(texts(setOf(left))).toEqual(unique(one));
      expect(texts(unite(setOf(left), setOf(right)))).toEqual(unique([...one, ...other]));
      expect(texts(subtract(setOf(left), setOf(right)))).toEqual(unique(one.filter((each) => !other.includes(each))));
      expect(texts(intersect(setOf(left), setOf(right)))).toEqual(unique(one.filter((each) => other.includes(each))));
      expect(texts(subtractWhole(setOf(left), setOf(right)))).toEqual(
        unique(one.filter((each) => !other.some((cut) => each === cut || each.startsWith(`${cut}/`)))),
      );
    }),
    { numRuns: 500 },
  );
});

test('operations that change nothing give back their left argument', () => {
  fc.assert(
    fc.property(paths, paths, (left, right) => {
      const set = unite(setOf(left), setOf(right));
      expect(unite(set, setOf(right))).toBe(set);
      const rest = subtract(set, setOf(right));
      expect(subtract(rest, setOf(right))).toBe(rest);
      expect(equalSets(set, setOf([...right, ...left]))).toBe(true);
      expect(isEmptySet(subtract(set, set))).toBe(true);
    }),
  );
});
