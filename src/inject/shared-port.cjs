'use strict';
// Loaded into replicas that share a port. `listen` on a TCP port adopts a socket that drover holds, and before a stop the program quietly finishes
// what is under way. Everything else stays as Node made it; a process without drover's channel is not touched at all.

const CHANNEL = 'NODE_DROVER';
const ANSWER_LIMIT_MS = 10_000;
/** A kept-alive connection gets this long to bring its next request, which is answered with `Connection: close`: closing it at once could meet a request on its way. */
const IDLE_LIMIT_MS = 500;
const POLL_MS = 20;
const WORKERS_NEED_MS = 2000;

const guard = require('./channel-guard.cjs');

if (guard.isGuarded) install();

function install() {
  const net = require('node:net');
  const waiting = new Map();
  const servers = new Map();
  let nextId = 1;
  let draining = false;
  const originalListen = net.Server.prototype.listen;
  const originalClose = net.Server.prototype.close;
  const send = process.send.bind(process);

  const tell = (message) => {
    if (process.connected) send({ cmd: CHANNEL, ...message }, undefined, undefined, () => {});
  };

  guard.onLost(() => {
    for (const answer of [...waiting.values()]) answer(undefined);
  });
  process.on('internalMessage', (message, handle) => {
    if (!message || message.cmd !== CHANNEL) return;
    if (message.act === 'socket') {
      const answer = waiting.get(message.id);
      waiting.delete(message.id);
      if (answer) answer(message, handle);
      else if (handle) handle.close();
    } else if (message.act === 'drain') drain(message.limitMs);
  });

  net.Server.prototype.listen = function listen(...args) {
    const wish = readWish(args);
    if (!wish || this.listening || this._handle) return originalListen.apply(this, args);
    adopt(this, wish, args);
    return this;
  };

  net.Server.prototype.close = function close(callback) {
    const state = servers.get(this);
    if (state?.pending) {
      // Closed before the socket came: Node would have had a handle by now, so the callback gets no error.
      state.pending.cancelled = true;
      servers.delete(this);
      if (typeof callback === 'function') this.once('close', callback);
      process.nextTick(() => this.emit('close'));
      return this;
    }
    state?.turns?.leave();
    servers.delete(this);
    return originalClose.call(this, callback);
  };

  /** What a call of listen asks for; undefined when it is nothing that can be shared. */
  function readWish(args) {
    if (!process.connected) return undefined;
    const callback = typeof args[args.length - 1] === 'function' ? args[args.length - 1] : undefined;
    const [first] = args;
    let wish;
    if (first !== null && typeof first === 'object') {
      if (first._handle || first.handle || typeof first.fd === 'number' || first.path || first.exclusive || first.reusePort || first.ipv6Only) return undefined;
      if (first.port === undefined || first.port === null) return undefined;
      wish = { port: first.port, host: first.host, backlog: first.backlog, signal: first.signal, callback };
    } else {
      const rest = args.filter((arg) => typeof arg !== 'function').slice(1);
      const host = rest.find((arg) => typeof arg === 'string' && Number.isNaN(Number(arg)));
      const backlog = rest.find((arg) => typeof arg === 'number' || (typeof arg === 'string' && arg !== '' && !Number.isNaN(Number(arg))));
      wish = { port: first, host, backlog: backlog === undefined ? undefined : Number(backlog), callback };
    }
    const isNumber = typeof wish.port === 'number' || (typeof wish.port === 'string' && wish.port.trim() !== '');
    const port = isNumber ? Number(wish.port) : Number.NaN;
    // A path, port 0 (any free one) and what Node itself refuses are Node's business.
    if (!Number.isInteger(port) || port < 1 || port > 65535) return undefined;
    if (wish.signal !== undefined && (wish.signal === null || typeof wish.signal !== 'object')) return undefined;
    return { ...wish, port };
  }

  function adopt(server, wish, args) {
    const pending = { cancelled: false };
    servers.set(server, { pending, handle: undefined, sockets: new Set() });
    const request = (host) => {
      if (pending.cancelled) return;
      const id = nextId++;
      // The timer keeps the program alive meanwhile, as a listening server would.
      const timer = setTimeout(() => settle(undefined), ANSWER_LIMIT_MS);
      const settle = (message, handle) => {
        clearTimeout(timer);
        waiting.delete(id);
        if (pending.cancelled) {
          if (handle) handle.close();
        } else if (message?.error) fail(server, message.error, wish, host);
        else if (handle) take(server, wish, handle, message);
        else plain(server, args);
      };
      waiting.set(id, settle);
      tell({ act: 'listen', id, host, port: wish.port });
    };
    if (!wish.host) request('::');
    else if (net.isIP(wish.host)) request(wish.host);
    else {
      require('node:dns').lookup(wish.host, (error, address) => {
        if (pending.cancelled) return;
        if (!error) return request(address);
        servers.delete(server);
        server.emit('error', error);
      });
    }
  }

  /** Without drover's answer the program listens by itself, as it would anywhere. */
  function plain(server, args) {
    servers.delete(server);
    originalListen.apply(server, args);
  }

  function fail(server, error, wish, host) {
    servers.delete(server);
    const failure = new Error(`listen ${error.code}: ${error.message}`);
    Object.assign(failure, { code: error.code, errno: error.errno, syscall: 'listen', address: host, port: wish.port });
    server.emit('error', failure);
  }

  function take(server, wish, handle, address) {
    const state = { pending: undefined, handle, sockets: new Set() };
    servers.set(server, state);
    watchConnections(server, state);
    server.once('listening', () => {
      if (draining) pause(handle);
      else takeTurns(state, address.turns);
      tell({ act: 'listening', host: address.host, port: address.port });
    });
    const rest = wish.callback ? [wish.callback] : [];
    originalListen.call(server, handle, wish.backlog === undefined ? 0 : wish.backlog, ...rest);
    if (wish.signal) {
      if (wish.signal.aborted) process.nextTick(() => server.close());
      else wish.signal.addEventListener('abort', () => server.close(), { once: true });
    }
  }

  /** Whoever wakes first would accept nearly all: replicas keep pace with each other. */
  function takeTurns(state, path) {
    const { handle } = state;
    const accept = handle.onconnection;
    if (!path || typeof accept !== 'function') return;
    const { joinTurns } = require('./turns.cjs');
    state.turns = joinTurns(path, {
      pause: () => pause(handle),
      resume: () => {
        if (!draining && handle.fd >= 0) handle.readStart();
      },
    });
    if (!state.turns) return;
    handle.onconnection = function onconnection(...args) {
      accept.apply(this, args);
      state.turns.accepted();
    };
  }

  function watchConnections(server, state) {
    const watch = (socket) => {
      state.sockets.add(socket);
      socket.once('close', () => state.sockets.delete(socket));
    };
    server.prependListener('connection', watch);
    // Over TLS the requests come through another socket than the one that connected.
    server.prependListener('secureConnection', watch);
    server.prependListener('session', (session) => {
      state.sockets.add(session);
      session.once('close', () => state.sockets.delete(session));
    });
  }

  /** Stops accepting without closing: the server looks as before to the program, and waiting connections go to the other replicas. */
  function pause(handle) {
    if (handle.fd < 0) return;
    // Only a handle that reads can be told to stop; one that reads already says so, which is as well.
    handle.readStart();
    handle.readStop();
  }

  function drain(limitMs) {
    if (draining) return;
    draining = true;
    for (const [server, state] of servers) {
      if (!state.handle) continue;
      state.turns?.leave();
      pause(state.handle);
      if (server.listenerCount('request') > 0) {
        server.prependListener('request', (_request, response) => {
          response.shouldKeepAlive = false;
        });
      }
      for (const socket of state.sockets) {
        if (isSession(socket)) socket.close();
        else if (socket._httpMessage && !socket._httpMessage.headersSent) socket._httpMessage.shouldKeepAlive = false;
      }
    }
    // Connections of a cluster inside the program live in its workers, which this file does not see.
    const workersNeedMs = Object.keys(require('node:cluster').workers ?? {}).length > 0 ? WORKERS_NEED_MS : 0;
    const start = performance.now();
    const look = () => {
      const waited = performance.now() - start;
      if (waited >= Math.min(IDLE_LIMIT_MS, limitMs / 2)) endIdle();
      if ((isQuiet() && waited >= workersNeedMs) || waited >= limitMs) tell({ act: 'drained' });
      else setTimeout(look, POLL_MS);
    };
    look();
  }

  const isSession = (socket) => typeof socket.goaway === 'function';

  /** The transport below TLS is counted through the socket above it. */
  const isCarried = (socket, sockets) => [...sockets].some((other) => other !== socket && other._parent === socket);

  const isIdle = (socket) => !isSession(socket) && Boolean(socket.parser) && !socket._httpMessage && !socket.parser.incoming;

  function endIdle() {
    for (const { sockets } of servers.values()) for (const socket of sockets) if (isIdle(socket)) socket.end();
  }

  function isQuiet() {
    for (const { sockets } of servers.values()) for (const socket of sockets) if (!socket.destroyed && !isCarried(socket, sockets)) return false;
    return true;
  }
}
