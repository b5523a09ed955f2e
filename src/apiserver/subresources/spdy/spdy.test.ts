import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { SpdyConnection } from './connection.ts';
import { controlFrame, dataFrame, FrameReader, KIND } from './frames.ts';
import { HEADER_DICTIONARY } from './header-dictionary.ts';
import { HeaderCodec } from './headers.ts';

/** Two ends of a connection. */
function pair(): readonly [Duplex, Duplex] {
  const make = (other: () => Duplex) =>
    new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        other().push(chunk);
        done();
      },
      final(done) {
        other().push(null);
        done();
      },
    });
  const left: Duplex = make(() => right);
  const right: Duplex = make(() => left);
  return [left, right];
}

describe('SPDY/3.1', () => {
  it('has the dictionary of the protocol', () => {
    expect(HEADER_DICTIONARY).toHaveLength(1423);
  });

  it('reads back the headers that it writes, block after block of one compressed stream', async () => {
    const [writer, reader] = [new HeaderCodec(), new HeaderCodec()];
    for (const type of ['error', 'stdin', 'stdout']) {
      const headers = new Map([['streamtype', type]]);
      expect(await reader.read(await writer.write(headers))).toEqual(headers);
    }
    writer.close();
    reader.close();
  });

  it('cuts frames out of a byte stream, wherever it is cut', () => {
    const bytes = Buffer.concat([dataFrame(1, Buffer.from('hello'), false), controlFrame(KIND.ping, Buffer.alloc(4)), dataFrame(1, Buffer.alloc(0), true)]);
    const reader = new FrameReader();
    const frames = [...bytes].flatMap((byte) => [...reader.push(Buffer.from([byte]))]);
    expect(frames.map((frame) => (frame.type === 'data' ? [frame.streamId, frame.data.toString(), frame.fin] : frame.kind))).toEqual([
      [1, 'hello', false],
      KIND.ping,
      [1, '', true],
    ]);
  });

  it('opens streams for its client, carries data both ways and closes both halves', async () => {
    const [client, server] = pair();
    const codec = new HeaderCodec();
    const connection = new SpdyConnection(server, ({ headers, input, output }) => {
      expect(headers.get('streamtype')).toBe('stdin');
      input.pipe(output);
    });
    const running = connection.run(Buffer.alloc(0));
    const head = Buffer.alloc(10);
    head.writeUInt32BE(1, 0);
    client.write(controlFrame(KIND.synStream, Buffer.concat([head, await codec.write(new Map([['streamtype', 'stdin']]))])));
    client.write(dataFrame(1, Buffer.from('there and back'), true));
    const reader = new FrameReader();
    const back: string[] = [];
    for await (const chunk of client) {
      for (const frame of reader.push(chunk as Buffer)) if (frame.type === 'data') back.push(frame.fin ? 'fin' : frame.data.toString());
      if (back.includes('fin')) break;
    }
    expect(back).toEqual(['there and back', 'fin']);
    server.push(null);
    await running;
    codec.close();
  });
});
