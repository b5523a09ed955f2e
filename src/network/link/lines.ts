import type { Socket } from 'node:net';

/** Unsent bytes after which the other end counts as stuck and is dropped; it gets the full table when it comes back. */
const UNSENT_LIMIT_BYTES = 64 * 1024 * 1024;

/** Sends one message as a line of JSON. Drops a connection whose other end does not read. */
export function sendLine(socket: Socket, message: unknown): void {
  if (socket.destroyed || !socket.writable) return;
  socket.write(`${JSON.stringify(message)}\n`);
  if (socket.writableLength > UNSENT_LIMIT_BYTES) socket.destroy(new Error('the other end does not read its messages'));
}

/** Calls `take` with every line's JSON value; a line that is no JSON drops the connection. Both ends are of one program, so the form is trusted. */
export function readLines<Message>(socket: Socket, take: (message: Message) => void): void {
  let parts: string[] = [];
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      parts.push(text.slice(from, end));
      from = end + 1;
      const line = parts.join('');
      parts = [];
      let message: Message;
      try {
        message = JSON.parse(line) as Message;
      } catch (error) {
        socket.destroy(new Error('a message is no JSON', { cause: error }));
        return;
      }
      take(message);
    }
    if (from < text.length) parts.push(text.slice(from));
  });
}
