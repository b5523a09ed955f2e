import type { Socket } from 'node:net';

/** Ends a connection as broken: the other side is told ECONNRESET instead of a proper end, which would make half an answer look whole. */
export function breakOff(socket: Socket): void {
  if (socket.destroyed) return;
  // While a proper end is under way a reset is refused, and Node would then never close the descriptor.
  if (socket.connecting || (socket.writableEnded && !socket.writableFinished)) socket.destroy();
  else socket.resetAndDestroy();
}
