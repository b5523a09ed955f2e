import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProcessRuntime, type Runtime, type RuntimeEvent } from '../../src/runtimes/index.ts';
import { systemClock } from '../../src/std/index.ts';
import { containerConfig, type ShimHome, startShimHome } from '../support/shim-home.ts';

let home: ShimHome;
let runtime: Runtime;
let serial = 0;
let nextPort = 28_400;

beforeAll(async () => {
  home = await startShimHome();
  runtime = await createProcessRuntime({ paths: home.paths, clock: systemClock, shim: home.shim });
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=x', '-days', '1', '-keyout', 'key.pem', '-out', 'cert.pem'], {
    cwd: home.work,
    stdio: 'ignore',
  });
});
afterAll(() => home.close());

async function replica(app: string, code: string, options: { readonly module?: boolean } = {}) {
  const uid = `r-${serial++}`;
  const file = join(home.work, `${uid}.${options.module ? 'mjs' : 'cjs'}`);
  writeFileSync(file, code);
  const { sandbox, container } = containerConfig(home, uid, [process.execPath, file], { inject: 'shared-port', ipc: true });
  await runtime.startSandbox({ ...sandbox, labels: { app } });
  const events: RuntimeEvent[] = [];
  const waiting = new Set<() => void>();
  runtime.subscribe((event) => {
    if (('containerId' in event ? event.containerId : event.type === 'exited' ? event.container.id : '') !== container.id) return;
    events.push(event);
    for (const wake of waiting) wake();
  });
  const seen = async (type: RuntimeEvent['type']): Promise<RuntimeEvent> => {
    for (;;) {
      const found = events.find((event) => event.type === type);
      if (found) return found;
      await new Promise<void>((resolve) => {
        waiting.add(resolve);
      });
    }
  };
  await runtime.startContainer(container);
  return { uid, id: container.id, logPath: container.logPath, seen, end: () => runtime.removeSandbox(uid, { removeLogs: true }) };
}

const get = async (port: number, protocol = 'http') => (await fetch(`${protocol}://127.0.0.1:${port}/`)).text();

const answer = `(q,r)=>r.end(String(process.pid))`;
const FORMS: [string, (port: number) => string, boolean?][] = [
  ['http listen(port)', (port) => `require('http').createServer(${answer}).listen(${port})`],
  ['http listen("port")', (port) => `require('http').createServer(${answer}).listen('${port}')`],
  [
    'http listen(port, callback)',
    (port) => `const s=require('http').createServer(${answer}).listen(${port},()=>{if(s.address().port!==${port})process.exit(1)})`,
  ],
  ['http listen(port, host)', (port) => `require('http').createServer(${answer}).listen(${port},'0.0.0.0')`],
  ['http listen(port, localhost)', (port) => `require('http').createServer(${answer}).listen(${port},'localhost')`],
  [
    'http listen(port, host, backlog, callback)',
    (port) => `const s=require('http').createServer(${answer});s.listen(${port},'127.0.0.1',64,()=>s.listening||process.exit(1))`,
  ],
  ['http listen({port})', (port) => `require('http').createServer(${answer}).listen({port:${port}})`],
  ['http listen({port, host, backlog})', (port) => `require('http').createServer(${answer}).listen({port:${port},host:'::',backlog:5})`],
  ['net', (port) => `require('net').createServer(s=>s.end('HTTP/1.1 200 OK\\r\\ncontent-length: 1\\r\\n\\r\\n1')).listen(${port})`],
  ['ES module', (port) => `import {createServer} from 'node:http';createServer(${answer}).listen(${port})`, true],
  [
    'ES module, awaited',
    (port) =>
      `import {createServer} from 'node:http';import {once} from 'node:events';const s=createServer(${answer});s.listen(${port});await once(s,'listening')`,
    true,
  ],
  ['node:cluster inside', (port) => `const c=require('cluster');if(c.isPrimary){c.fork()}else require('http').createServer(${answer}).listen(${port})`],
  ['a server started late', (port) => `setTimeout(()=>require('http').createServer(${answer}).listen(${port}),200)`],
];

describe('an unmodified program adopts the shared socket', () => {
  test.each(FORMS)('%s', async (_name, code, module = false) => {
    const port = nextPort++;
    const one = await replica('form', code(port), { module });
    const two = await replica('form', code(port), { module });
    expect(await one.seen('listening')).toMatchObject({ port });
    await two.seen('listening');
    expect(await get(port)).toMatch(/^\d+$/);
    await Promise.all([one.end(), two.end()]);
  });

  test('https', async () => {
    const port = nextPort++;
    const code = `const fs=require('fs');require('https').createServer({key:fs.readFileSync('${home.work}/key.pem'),cert:fs.readFileSync('${home.work}/cert.pem')},${answer}).listen(${port})`;
    const one = await replica('tls', code);
    await one.seen('listening');
    expect(execFileSync('curl', ['-sk', `https://127.0.0.1:${port}/`], { encoding: 'utf8' })).toMatch(/^\d+$/);
    await one.end();
  });

  test('http2', async () => {
    const port = nextPort++;
    const one = await replica('h2', `require('http2').createServer(${answer}).listen(${port})`);
    await one.seen('listening');
    expect(execFileSync('curl', ['-s', '--http2-prior-knowledge', `http://127.0.0.1:${port}/`], { encoding: 'utf8' })).toMatch(/^\d+$/);
    await runtime.drainContainer(one.id, 1000);
    await one.end();
  });
});

test('what is not shared stays Node’s own: port 0, exclusive, close before the socket came, and children', async () => {
  const port = nextPort++;
  const code = `
    const http=require('http');
    const zero=http.createServer().listen(0,()=>{
      const own=http.createServer().listen({port:${port},exclusive:true},()=>{
        const closed=http.createServer().listen(${port + 1});
        closed.close(e=>{
          const child=require('child_process').execFileSync(process.execPath,['-p','JSON.stringify([process.env.NODE_OPTIONS??null,Object.keys(process.env).filter(k=>k.startsWith("DROVER"))])'],{encoding:'utf8'});
          process.send({zero:zero.address().port>0,own:own.listening,error:e??null,child:child.trim(),listeners:process.listenerCount('message')});
        });
      });
    });`;
  const one = await replica('own', code);
  expect(await one.seen('message')).toMatchObject({ message: { zero: true, own: true, error: null, child: '[null,[]]', listeners: 0 } });
  await one.end();
  nextPort += 1;
});

test('a port of another app is refused with its owner', async () => {
  const port = nextPort++;
  const first = await replica('first', `require('http').createServer(${answer}).listen(${port})`);
  await first.seen('listening');
  const second = await replica('second', `require('http').createServer().listen(${port}).on('error',e=>process.send([e.code,e.syscall,e.port,e.message]))`);
  expect(await second.seen('message')).toMatchObject({ message: ['EADDRINUSE', 'listen', port, expect.stringContaining('held by the app default/first')] });
  await Promise.all([first.end(), second.end()]);
});

test('a port of a foreign program is refused with its pid and command', async () => {
  const port = nextPort++;
  const { createServer } = await import('node:http');
  const foreign = createServer().listen(port);
  await new Promise((resolve) => foreign.once('listening', resolve));
  const one = await replica('late', `require('http').createServer().listen(${port}).on('error',e=>process.send(e.message))`);
  expect(await one.seen('message')).toMatchObject({ message: expect.stringContaining(`port ${port} is held by pid ${process.pid} (`) });
  foreign.close();
  await one.end();
});

test('connections wait while no replica runs', async () => {
  const port = nextPort++;
  const code = `require('http').createServer(${answer}).listen(${port})`;
  const one = await replica('waiting', code);
  await one.seen('listening');
  await runtime.signalContainer(one.id, 'SIGKILL');
  await one.seen('exited');
  const answered = get(port);
  const two = await replica('waiting', code);
  expect(await answered).toMatch(/^\d+$/);
  await Promise.all([one.end(), two.end()]);
});

test('process.send("ready") is told, and messages go both ways', async () => {
  const one = await replica('talk', `process.on('message',m=>process.send({echo:m}));process.send('ready')`);
  await one.seen('ready');
  expect(await runtime.sendMessage(one.id, { hello: 1 })).toBe(true);
  expect(await one.seen('message')).toMatchObject({ message: { echo: { hello: 1 } } });
  await one.end();
});

test('replicas rolled under load lose no request, though the app handles no signal', { timeout: 60_000 }, async () => {
  const port = nextPort++;
  const code = `require('http').createServer((q,r)=>setTimeout(()=>r.end('x'),5)).listen(${port})`;
  let current = [await replica('rolled', code), await replica('rolled', code)];
  await Promise.all(current.map((one) => one.seen('listening')));
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  let ok = 0;
  const failures: string[] = [];
  let stop = false;
  const one = (fresh: boolean) =>
    new Promise<void>((resolve) => {
      const req = request({ port, host: '127.0.0.1', agent: fresh ? false : agent }, (res) => {
        res.resume();
        res.on('end', () => {
          ok += 1;
          resolve();
        });
      });
      req.on('error', (error) => {
        failures.push(`${fresh ? 'fresh' : 'kept'} ${error.message} reused=${req.reusedSocket}`);
        resolve();
      });
      req.end();
    });
  const loop = async (fresh: boolean) => {
    while (!stop) await one(fresh);
  };
  const load = [...Array.from({ length: 16 }, () => loop(false)), ...Array.from({ length: 4 }, () => loop(true))];
  for (let round = 0; round < 6; round += 1) {
    const fresh = await replica('rolled', code);
    await fresh.seen('listening');
    const old = current.shift()!;
    await runtime.drainContainer(old.id, 5000);
    await runtime.signalContainer(old.id, 'SIGTERM');
    await old.seen('exited');
    await old.end();
    current = [...current, fresh];
  }
  // On a busy machine the rolls are over before much was asked: the load goes on until it has been one.
  while (ok <= 1000 && failures.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  stop = true;
  await Promise.all(load);
  agent.destroy();
  expect(failures).toEqual([]);
  expect(ok).toBeGreaterThan(1000);
  await Promise.all(current.map((one) => one.end()));
});
