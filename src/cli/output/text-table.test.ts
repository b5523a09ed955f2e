import { expect, test } from 'vitest';
import { memoryText, uptime } from './age.ts';
import { boxTable, displayWidth, textTable } from './text-table.ts';

test('columns are as wide as their widest cell, whatever its colours and script', () => {
  expect(displayWidth('\u001b[31mred\u001b[0m')).toBe(3);
  expect(displayWidth('서버')).toBe(4);
  expect(
    textTable(
      ['A', 'B'],
      [
        ['\u001b[31mred\u001b[0m', 'x'],
        ['서', 'y'],
      ],
    ),
  ).toBe('A     B\n\u001b[31mred\u001b[0m   x\n서    y');
  expect(boxTable(['n'], [['서']])).toBe('┌────┐\n│ n  │\n├────┤\n│ 서 │\n└────┘');
});

test('times and sizes are short', () => {
  expect([0, 59_000, 60_000, 7_200_000, 200_000_000].map(uptime)).toEqual(['0s', '59s', '1m', '2h', '2D']);
  expect([0, 1_023, 1_536, 44_564_480].map(memoryText)).toEqual(['0b', '1023b', '1.5kb', '42.5mb']);
});
