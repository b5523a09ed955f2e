import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, isAlive, sleep, type TestHome, testHome } from './harness.ts';

const KILLS = 20;
const CLIENTS = 8;

let home: TestHome;
beforeAll(async () => {
  home = testHome();
  await home.droverOk('daemon', 'start', '--wait');
});
afterAll(() => home.end());

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly data: { readonly text: string; readonly length: string };
}

function ask(agent: Agent, method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
  return new Promise((done, failed) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const sent = request({ socketPath: join(home.home, 'run/api.sock'), agent, method, path, headers, timeout: 10_000 }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', failed);
      response.on('end', () => {
        try {
          done({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(parts).toString()) });
        } catch (error) {
          failed(error);
        }
      });
    });
    sent.on('error', failed);
    sent.on('timeout', () => sent.destroy(new Error('no answer in 10 s')));
    sent.end(text);
  });
}

it(`every acknowledged write is there, whole, after the daemon was killed ${KILLS} times at any instant`, async () => {
  const path = '/api/v1/namespaces/default/configmaps';
  const acknowledged = new Map<string, string>();
  const tried = new Set<string>();
  let over = false;
  const client = async (id: number) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let at = 0; !over; at += 1) {
      const name = `w${id}-${at}`;
      const text = `${name} `.repeat(1 + ((at * 37) % 400));
      tried.add(name);
      try {
        const answer = await ask(agent, 'POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text, length: String(text.length) } });
        if (answer.status === 201) acknowledged.set(name, (answer.body as ConfigMap).metadata.resourceVersion);
        else if (answer.status < 500) throw new Error(`POST ${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
      } catch (error) {
        if (!(error as NodeJS.ErrnoException).code && !/no answer|JSON/.test(String(error))) throw error;
        await sleep(20);
      }
    }
    agent.destroy();
  };
  const clients = Array.from({ length: CLIENTS }, (_, id) => client(id));
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = acknowledged.size;
    await eventually('writes are acknowledged again', () => acknowledged.size > before || undefined);
    await sleep(Math.random() * 150);
    const daemon = home.pid('daemon');
    process.kill(daemon, 'SIGKILL');
    await eventually('another daemon runs', () => (home.pid('daemon') !== daemon && isAlive(home.pid('daemon'))) || undefined);
  }
  over = true;
  await Promise.all(clients);

  const agent = new Agent();
  const { body } = await eventually('the list is answered', () => ask(agent, 'GET', path));
  const stored = (body as { readonly items: readonly ConfigMap[] }).items.filter(({ metadata }) => tried.has(metadata.name));
  expect(acknowledged.size).toBeGreaterThan(KILLS);
  const found = new Map(stored.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
  expect([...acknowledged].filter(([name, version]) => found.get(name) !== version)).toEqual([]);
  expect(stored.filter(({ data }) => data.text.length !== Number(data.length)).map(({ metadata }) => metadata.name)).toEqual([]);
  expect(new Set(stored.map(({ metadata }) => metadata.resourceVersion)).size).toBe(stored.length);
  console.log(`${acknowledged.size} of ${tried.size} writes acknowledged, ${stored.length} stored`);
}, 300_000);
