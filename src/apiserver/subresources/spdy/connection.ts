import { type Duplex, PassThrough, Writable } from 'node:stream';
import { drained } from '../../http/drained.ts';
import { controlFrame, dataFrame, type Frame, FrameReader, KIND, streamIdOf } from './frames.ts';
import { HeaderCodec, type Headers } from './headers.ts';

/** One stream that the client opened. */
export interface SpdyStream {
  readonly headers: Headers;
  /** What the client sends; ends when the client half-closes. */
  readonly input: PassThrough;
  /** What is sent to the client; ending it half-closes our side. */
  readonly output: Writable;
}

const MAX_STREAMS = 256;
const MAX_DATA_BYTES = 64 * 1024;

/**
 * The server's end of a SPDY/3.1 connection, as far as Kubernetes' clients use it: streams that the client opens, data both ways, pings. Its flow control is
 * not spoken by those clients; TCP's own serves, since a stream that is not read stops the reading of the connection.
 */
export class SpdyConnection {
  readonly #socket: Duplex;
  readonly #codec = new HeaderCodec();
  readonly #streams = new Map<number, SpdyStream>();
  readonly #onStream: (stream: SpdyStream) => void;
  #lastId = 0;

  constructor(socket: Duplex, onStream: (stream: SpdyStream) => void) {
    this.#socket = socket;
    this.#onStream = onStream;
  }

  /** Reads until the connection ends. `head` is what came with the upgrade. */
  async run(head: Buffer): Promise<void> {
    const reader = new FrameReader();
    try {
      for (const frame of reader.push(head)) await this.#handle(frame);
      for await (const chunk of this.#socket as AsyncIterable<Buffer>) for (const frame of reader.push(chunk)) await this.#handle(frame);
    } finally {
      for (const { input } of this.#streams.values()) input.end();
      this.#streams.clear();
      this.#codec.close();
    }
  }

  /** Says that no more streams are taken, and ends the connection once everything was sent. */
  async close(): Promise<void> {
    const payload = Buffer.alloc(8);
    payload.writeUInt32BE(this.#lastId, 0);
    await this.#send(controlFrame(KIND.goAway, payload));
    this.#socket.end();
  }

  async #handle(frame: Frame): Promise<void> {
    if (frame.type === 'data') return this.#data(frame.streamId, frame.data, frame.fin);
    switch (frame.kind) {
      case KIND.synStream:
        return this.#open(frame.payload, frame.fin);
      case KIND.headers:
        // Nothing in it is used, but the compressed stream must be kept in step.
        await this.#codec.read(frame.payload.subarray(4));
        return;
      case KIND.rstStream:
        this.#streams.get(streamIdOf(frame.payload))?.input.end();
        return;
      case KIND.ping:
        return this.#send(controlFrame(KIND.ping, frame.payload));
      default:
        return;
    }
  }

  async #open(payload: Buffer, fin: boolean): Promise<void> {
    const id = streamIdOf(payload);
    const headers = await this.#codec.read(payload.subarray(10));
    if (this.#streams.size >= MAX_STREAMS || id <= this.#lastId) throw new Error(`SPDY: stream ${id} cannot be opened`);
    this.#lastId = id;
    const stream: SpdyStream = { headers, input: new PassThrough(), output: this.#output(id) };
    this.#streams.set(id, stream);
    if (fin) stream.input.end();
    const reply = Buffer.alloc(4);
    reply.writeUInt32BE(id, 0);
    await this.#send(controlFrame(KIND.synReply, Buffer.concat([reply, await this.#codec.write(new Map())])));
    this.#onStream(stream);
  }

  async #data(id: number, data: Buffer, fin: boolean): Promise<void> {
    const input = this.#streams.get(id)?.input;
    if (!input || input.writableEnded) return;
    if (data.length > 0 && !input.write(data)) await drained(input);
    if (fin) input.end();
  }

  #output(id: number): Writable {
    return new Writable({
      highWaterMark: MAX_DATA_BYTES,
      write: (chunk: Buffer, _encoding, done) => void this.#sendData(id, chunk).then(() => done()),
      final: (done) => void this.#send(dataFrame(id, Buffer.alloc(0), true)).then(() => done()),
    });
  }

  async #sendData(id: number, chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; at += MAX_DATA_BYTES) await this.#send(dataFrame(id, chunk.subarray(at, at + MAX_DATA_BYTES), false));
  }

  /** Resolves when the connection can take more; a client that is gone takes everything. */
  async #send(bytes: Buffer): Promise<void> {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    if (!this.#socket.write(bytes)) await drained(this.#socket);
  }
}
