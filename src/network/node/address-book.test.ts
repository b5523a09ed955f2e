import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseCidr } from '../address.ts';
import { openAddressBook } from './address-book.ts';

const directory = mkdtempSync(join(tmpdir(), 'drover-addresses-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let files = 0;
const newFile = (): string => join(directory, `book-${files++}`);
const range = parseCidr('10.244.0.0/28');

describe('the address book', () => {
  it('gives no address twice, and every pod its own also after a restart at any point', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ do: fc.constantFrom('allocate', 'release', 'restart'), pod: fc.nat({ max: 12 }) }), { maxLength: 40 }), (steps) => {
        const file = newFile();
        let book = openAddressBook(file, range);
        const expected = new Map<string, string>();
        for (const step of steps) {
          const uid = `pod-${step.pod}`;
          if (step.do === 'restart') book = openAddressBook(file, range);
          else if (step.do === 'release') {
            book.release(uid);
            expected.delete(uid);
          } else {
            const address = book.allocate(uid);
            expect(expected.get(uid) ?? address).toBe(address);
            expected.set(uid, address);
          }
          expect(new Map(book.uids().map((one) => [one, book.addressOf(one)]))).toEqual(expected);
          expect(new Set(expected.values()).size).toBe(expected.size);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('gives an address again only after the others had their turn', () => {
    const book = openAddressBook(newFile(), range);
    const first = book.allocate('a');
    book.release('a');
    const others = Array.from({ length: 12 }, (_, n) => book.allocate(`b${n}`));
    expect(others).not.toContain(first);
    expect(book.allocate('c')).toBe(first);
    expect(() => book.allocate('d')).toThrow('All 13 pod addresses of 10.244.0.0/28 are in use');
  });

  it('leaves out a line that was being written when the daemon died, and refuses a damaged file by line', () => {
    const file = newFile();
    writeFileSync(file, '+a 10.244.0.2\n+b 10.244.0.3\n-a\n+c 10.2');
    expect(openAddressBook(file, range).uids()).toEqual(['b']);
    expect(readFileSync(file, 'utf8')).toBe('+b 10.244.0.3\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, '+a 10.244.0.2\nrubbish\n');
    expect(() => openAddressBook(file, range)).toThrow(`${file}:2: expected`);
  });
});
