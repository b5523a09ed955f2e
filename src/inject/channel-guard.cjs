'use strict';
// Loaded into programs that have a channel to drover. The other end may go away (a killed manager) while the program serves on: neither a listener for
// that nor a later process.send may end it. A program that closes the channel itself sees what Node always shows.

const lostHandlers = [];
const NEVER_MS = 2 ** 31 - 1;

restoreEnvironment();
const isGuarded = require('node:worker_threads').isMainThread && process.connected === true && typeof process.send === 'function';
if (isGuarded) install();

module.exports = { isGuarded, onLost: (handler) => lostHandlers.push(handler) };

/** Children of this program have no such channel: they must not load this file. */
function restoreEnvironment() {
  const forChildren = process.env.DROVER_CHILD_NODE_OPTIONS;
  if (forChildren === undefined) return;
  delete process.env.DROVER_CHILD_NODE_OPTIONS;
  if (forChildren) process.env.NODE_OPTIONS = forChildren;
  else delete process.env.NODE_OPTIONS;
}

function install() {
  const originalEmit = process.emit;
  const originalDisconnect = process.disconnect;

  process.emit = function emit(name, ...rest) {
    if (name !== 'disconnect') return originalEmit.call(this, name, ...rest);
    lost();
    return false;
  };

  process.disconnect = () => {
    // Node calls this itself when the other end is gone.
    const [, , caller = ''] = (new Error().stack ?? '').split('\n');
    if (!caller.includes('node:internal/child_process')) process.emit = originalEmit;
    originalDisconnect.call(process);
  };

  function lost() {
    for (const handler of lostHandlers) handler();
    process.send = (...args) => {
      const callback = args.find((arg) => typeof arg === 'function');
      if (callback) process.nextTick(callback, new Error('the channel is closed'));
      return false;
    };
    // A listener for messages kept the program alive until now.
    if (process.listenerCount('message') > 0) setInterval(() => {}, NEVER_MS);
  }
}
