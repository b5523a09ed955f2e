import { execFile } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode, encode } from 'dns-packet';
import { afterAll, beforeAll, expect, test } from 'vitest';

const POD = '127.77.3.5';
const file = join(dirname(fileURLToPath(import.meta.url)), 'pod-address.cjs');
let names: Socket;
let machine: Server;
let machinePort = 0;

beforeAll(async () => {
  names = createSocket('udp4');
  names.on('message', (data, from) => {
    const query = decode(data);
    const question = query.questions?.[0];
    const isKnown = question?.name === 'api.default.svc.cluster.local';
    const answers = isKnown ? [{ type: 'A' as const, name: question.name, ttl: 5, data: POD }] : [];
    names.send(encode({ type: 'response', id: query.id ?? 0, flags: isKnown ? 0 : 3, questions: query.questions ?? [], answers }), from.port, from.address);
  });
  await new Promise<void>((resolve) => names.bind(0, '127.0.0.1', resolve));
  machine = createServer((_request, response) => response.end('machine'));
  await new Promise<void>((resolve) => machine.listen(0, '127.0.0.1', resolve));
  machinePort = (machine.address() as { port: number }).port;
});
afterAll(() => {
  names.close();
  machine.close();
});

/** Runs a program with the file loaded and gives what it prints. */
function run(code: string, options: { readonly module?: boolean; readonly env?: Record<string, string> } = {}): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    NODE_OPTIONS: `--require ${file}`,
    DROVER_POD_IP: POD,
    DROVER_DNS: `127.0.0.1:${names.address().port}`,
    DROVER_DNS_SEARCH: 'default.svc.cluster.local svc.cluster.local cluster.local',
    ...options.env,
  };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...(options.module ? ['--input-type=module'] : []), '-e', code], { env, timeout: 10_000 }, (error, stdout, stderr) =>
      error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(stdout.trim()),
    );
  });
}

const show = 'console.log(s.address().address); s.close();';

test.each([
  ['listen(port)', `const s=require('net').createServer().listen(0,()=>{${show}})`],
  ['listen()', `const s=require('net').createServer().listen(()=>{${show}})`],
  ['listen(port, host any)', `const s=require('http').createServer().listen(0,'0.0.0.0',()=>{${show}})`],
  ['listen(port, host any6, backlog)', `const s=require('http').createServer().listen(0,'::',100,()=>{${show}})`],
  ['listen(port, backlog)', `const s=require('http').createServer().listen('0',100,()=>{${show}})`],
  ['listen(port, localhost)', `const s=require('http').createServer().listen(0,'localhost',()=>{${show}})`],
  ['listen({port})', `const s=require('http2').createServer().listen({port:0},()=>{${show}})`],
  ['listen({port, host})', `const s=require('https').createServer().listen({port:0,host:'127.0.0.1'},()=>{${show}})`],
])('%s binds to the address of the pod', async (_name, code) => {
  expect(await run(code)).toBe(POD);
});

test('a listen on another address stays as it is', async () => {
  expect(await run(`const s=require('net').createServer().listen(0,'127.77.9.9',()=>{${show}})`)).toBe('127.77.9.9');
});

test('an ES module binds to the address of the pod', async () => {
  expect(await run(`import {createServer} from 'node:http'; const s=createServer().listen(0,()=>{${show}})`, { module: true })).toBe(POD);
});

test.each(['localhost', '127.0.0.1', '[::1]'])('%s is the pod first', async (host) => {
  const code = `const s=require('http').createServer((q,r)=>r.end('pod')).listen(0,async()=>{const a=await fetch('http://${host}:'+s.address().port);console.log(await a.text());process.exit()})`;
  expect(await run(code)).toBe('pod');
});

test('localhost is the machine where the pod does not listen', async () => {
  expect(await run(`require('http').get('http://localhost:${machinePort}',r=>r.on('data',d=>console.log(String(d))))`)).toBe('machine');
  expect(await run(`fetch('http://127.0.0.1:${machinePort}').then(r=>r.text()).then(console.log)`)).toBe('machine');
});

test('a refused connection is still refused', async () => {
  expect(await run(`require('net').connect(1,'localhost').on('error',e=>console.log(e.code))`)).toBe('ECONNREFUSED');
});

test.each([
  ['dns.lookup', `require('dns').lookup('api',(e,a,f)=>console.log(a,f))`, `${POD} 4`],
  ['dns.lookup all', `require('dns').lookup('api.default',{all:true},(e,a)=>console.log(JSON.stringify(a)))`, `[{"address":"${POD}","family":4}]`],
  ['dns.promises.lookup', `require('dns').promises.lookup('api.default.svc').then(a=>console.log(a.address))`, POD],
  ['dns/promises', `require('dns/promises').lookup('api.default.svc.cluster.local').then(a=>console.log(a.address))`, POD],
  ['promisify(lookup)', `require('util').promisify(require('dns').lookup)('api').then(a=>console.log(a.address))`, POD],
  ['an unknown name', `require('dns').lookup('nobody-here.invalid',(e)=>console.log(e.code))`, 'ENOTFOUND'],
  ['localhost', `require('dns').lookup('localhost',4,(e,a)=>console.log(a))`, '127.0.0.1'],
])('%s answers with the cluster’s address', async (_name, code, expected) => {
  expect(await run(code)).toBe(expected);
});

test('a named import of lookup and fetch by service name reach the cluster', async () => {
  expect(await run(`import {lookup} from 'node:dns'; lookup('api',(e,a)=>console.log(a))`, { module: true })).toBe(POD);
  const code = `import http from 'node:http'; const s=http.createServer((q,r)=>r.end('hello')).listen(0,async()=>{console.log(await (await fetch('http://api:'+s.address().port)).text());process.exit()})`;
  expect(await run(code, { module: true })).toBe('hello');
});

test('a low port of a Service is reached where it was moved to', async () => {
  const code = `const s=require('http').createServer((q,r)=>r.end('moved')).listen(20080,async()=>{for(const h of ['api','${POD}'])console.log(await (await fetch('http://'+h+':80')).text());process.exit()})`;
  expect(await run(code, { env: { DROVER_LOW_PORTS: '1024+20000', DROVER_SERVICE_CIDR: '127.77.0.0/16' } })).toBe('moved\nmoved');
});

test('loading it costs little', async () => {
  const own = await run(`const t=performance.now();require(${JSON.stringify(file)}.replace('.cjs','.cjs'));console.log(performance.now()-t<50)`, {
    env: { NODE_OPTIONS: '' },
  });
  expect(own).toBe('true');
});
