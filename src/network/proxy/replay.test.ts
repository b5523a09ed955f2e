import { describe, expect, it } from 'vitest';
import { Replay } from './replay.ts';

const repeatableOf = (...said: readonly string[]): string | undefined => {
  const replay = new Replay();
  for (const text of said) replay.note(Buffer.from(text));
  return replay.repeatable()?.toString();
};

describe('Replay', () => {
  const get = 'GET /orders HTTP/1.1\r\nHost: web\r\n\r\n';

  it('repeats what is safe to do twice', () => {
    expect(repeatableOf()).toBe('');
    expect(repeatableOf(get)).toBe(get);
    expect(repeatableOf(get.slice(0, 10), get.slice(10))).toBe(get);
    expect(repeatableOf('HEAD / HTTP/1.0\r\n\r\n')).toBe('HEAD / HTTP/1.0\r\n\r\n');
  });

  it('repeats nothing else', () => {
    for (const said of [
      ['POST / HTTP/1.1\r\n\r\n'],
      [get, get],
      [get, 'body'],
      ['GET / HTTP/1.1\r\n'],
      ['SELECT 1;'],
      ['\x16\x03\x01'],
      [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`],
    ]) {
      expect(repeatableOf(...said)).toBeUndefined();
    }
  });

  it('repeats nothing once an answer began', () => {
    const replay = new Replay();
    replay.note(Buffer.from(get));
    replay.stop();
    expect(replay.repeatable()).toBeUndefined();
  });
});
