import { StringDecoder } from 'node:string_decoder';

/** Splits a byte stream at newlines and yields each line that is not empty. A last line without its newline is a torn one and is left out. */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  // Parts of one long line are joined once: a list page in a single event may come in hundreds of chunks.
  let parts: string[] = [];
  for await (const chunk of chunks) {
    const text = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      parts.push(text.slice(start, end));
      const line = parts.join('');
      parts = [];
      start = end + 1;
      if (line) yield line;
    }
    if (start < text.length) parts.push(text.slice(start));
  }
}
