// A load on http://127.0.0.1:PORT/ in a process of its own, so that measuring does not slow what is measured in this one.
import { fork } from 'node:child_process';
import { Agent, get } from 'node:http';
import { fileURLToPath } from 'node:url';

/** Starts a load of `rate` requests a second (0: as fast as `connections` can). `stop()` resolves with { sent, ok, failed, why, rps }. */
export function startLoad({ port, rate = 0, connections = 16, keepAlive = true }) {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify({ port, rate, connections, keepAlive })], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        child.once('message', (result) => {
          child.kill();
          resolve(result);
        });
        child.send('stop');
      }),
  };
}

/** Milliseconds until the port answers 200, asking every 2 ms; fails after `limitMs`. */
export async function untilServing(port, limitMs = 20_000) {
  const started = performance.now();
  for (;;) {
    const ok = await new Promise((resolve) => {
      const sent = get({ host: '127.0.0.1', port, path: '/', agent: false, timeout: 5000 }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      sent.on('error', () => resolve(false));
      sent.on('timeout', () => sent.destroy());
    });
    if (ok) return performance.now() - started;
    if (performance.now() - started > limitMs) throw new Error(`nothing serves on port ${port} after ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) {
  const { port, rate, connections, keepAlive } = JSON.parse(process.argv[2]);
  const agent = keepAlive ? new Agent({ keepAlive: true, maxSockets: connections }) : false;
  const result = { sent: 0, ok: 0, failed: 0, why: {} };
  const started = performance.now();
  let stopping = false;
  let open = 0;
  const one = () =>
    new Promise((resolve) => {
      result.sent += 1;
      open += 1;
      const done = (failure) => {
        open -= 1;
        if (failure) {
          result.failed += 1;
          result.why[failure] = (result.why[failure] ?? 0) + 1;
        } else result.ok += 1;
        resolve();
      };
      const sent = get({ host: '127.0.0.1', port, path: '/', agent, timeout: 10_000 }, (response) => {
        response.resume();
        response.once('end', () => done(response.statusCode === 200 ? undefined : `status ${response.statusCode}`));
        response.once('error', (error) => done(error.code));
      });
      sent.once('error', (error) => done(error.code ?? error.message));
      sent.once('timeout', () => sent.destroy(new Error('timeout')));
    });
  const finish = () => process.send({ ...result, rps: result.ok / ((performance.now() - started) / 1000) });
  process.on('message', () => {
    stopping = true;
    const wait = () => (open === 0 ? finish() : setTimeout(wait, 5));
    wait();
  });
  if (rate > 0) {
    let due = 0;
    const timer = setInterval(() => {
      if (stopping) return clearInterval(timer);
      due = Math.floor(((performance.now() - started) / 1000) * rate) - result.sent;
      for (let index = 0; index < due; index += 1) void one();
    }, 5);
  } else {
    for (let index = 0; index < connections; index += 1) {
      void (async () => {
        while (!stopping) await one();
      })();
    }
  }
}
