import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addQuantities,
  bytesQuantity,
  canonicalQuantity,
  compareQuantities,
  cpuMilli,
  formatQuantity,
  milliCpuQuantity,
  parseQuantity,
  quantityValue,
} from './quantity.ts';

test.each([
  ['0', '0'],
  ['0Mi', '0'],
  ['1', '1'],
  ['500m', '500m'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['0.5', '500m'],
  ['.5', '500m'],
  ['1.', '1'],
  ['1024Mi', '1Gi'],
  ['512Mi', '512Mi'],
  ['1.5Gi', '1536Mi'],
  ['1000k', '1M'],
  ['1e3', '1e3'],
  ['1500e-3', '1500e-3'],
  ['1E', '1E'],
  ['12e6', '12e6'],
  ['-1.5', '-1500m'],
  ['100Ki', '100Ki'],
  ['1023', '1023'],
  ['0.1n', '1n'],
  ['9223372036854775807', '9223372036854775807'],
  ['99999999999999999999', '9223372036854775807'],
  ['+5', '5'],
])('quantity %s is canonically %s', (text, expected) => {
  expect(canonicalQuantity(text)).toBe(expected);
});

test.each([
  ['', /regular expression/],
  ['abc', /regular expression/],
  ['1 Gi', /regular expression/],
  ['1Gb', /regular expression/],
  ['1KiB', /regular expression/],
  ['1mm', /suffix/],
  ['.', /numeric part/],
])('quantity %j is refused', (text, message) => {
  expect(() => parseQuantity(text)).toThrow(message);
});

test('cpu and memory read as numbers round up', () => {
  expect([cpuMilli('1'), cpuMilli('250m'), cpuMilli(2), cpuMilli('0.0005'), cpuMilli('1.5')]).toEqual([1000, 250, 2000, 1, 1500]);
  expect([quantityValue('512Mi'), quantityValue('1k'), quantityValue('100m')]).toEqual([536870912, 1000, 1]);
  expect(formatQuantity(addQuantities(parseQuantity('512Mi'), parseQuantity('1Gi')))).toBe('1536Mi');
  expect([milliCpuQuantity(1500), milliCpuQuantity(2000), bytesQuantity(1 << 30)]).toEqual(['1500m', '2', '1Gi']);
});

test('a canonical text is stable and keeps the value', () => {
  const suffix = fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'Gi', 'e3', 'u', 'n');
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), suffix, (number, unit) => {
      const quantity = parseQuantity(`${number}${unit}`);
      const text = formatQuantity(quantity);
      expect(canonicalQuantity(text)).toBe(text);
      expect(compareQuantities(parseQuantity(text), quantity)).toBe(0);
    }),
  );
});
