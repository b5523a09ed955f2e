// npm run demo: brings examples/shop up in a home of its own, says what to open and try, and leaves nothing behind on Ctrl-C.
//   -- --load   keeps ordering and counts what fails, so that you can kill things meanwhile
//   -- --once   comes up, places one order and ends (what the tests run)
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const shop = join(root, 'examples/shop');
const drover = join(root, 'dist/drover.js');
const page = { host: '127.0.0.1', port: 30080 };
const services = ['product-service', 'payment-service', 'order-service'];
const flags = new Set(process.argv.slice(2));
for (const flag of flags) {
  if (flag !== '--load' && flag !== '--once') {
    console.error(`demo: unknown option ${flag}; there are --load and --once`);
    process.exit(2);
  }
}
if (!existsSync(drover)) spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' });

const home = process.env.DROVER_HOME ?? mkdtempSync(join(tmpdir(), 'drover-demo-'));
const env = { ...process.env, DROVER_HOME: home };
const started = Date.now();
const say = (text) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${text}`);

/** Runs drover and resolves with its output; a failure prints it and ends the demo. */
const run = (...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [drover, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        output += data;
      });
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`drover ${args.join(' ')} ended with ${code}:\n${output}`))));
  });

let ending;
const end = (code) => {
  ending ??= (async () => {
    say('ending everything of the demo');
    const { status, stderr } = spawnSync(process.execPath, [drover, 'kill', '--yes'], { env, encoding: 'utf8' });
    if (status !== 0) console.error(stderr);
    if (!process.env.DROVER_HOME) rmSync(home, { recursive: true, force: true });
    process.exit(status === 0 ? code : 1);
  })();
  return ending;
};
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(0));

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
/** One request to the shop; resolves with status and body, or with what failed. */
const ask = (method, path, body) =>
  new Promise((resolve) => {
    const sent = request({ ...page, method, path, agent, timeout: 10_000 }, (response) => {
      let text = '';
      response.on('data', (data) => {
        text += data;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
      response.on('error', (error) => resolve({ error: error.message }));
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer in 10 s')));
    sent.on('error', (error) => resolve({ error: error.message }));
    sent.end(body && JSON.stringify(body));
  });
const order = () => ask('POST', '/orders', { product: 'lantern' });

async function load() {
  const counts = { done: 0, failed: 0 };
  const failures = new Map();
  const worker = async () => {
    while (!ending) {
      const answer = await order();
      if (answer.status === 201) counts.done += 1;
      else {
        counts.failed += 1;
        const why = answer.error ?? `${answer.status} ${answer.text}`;
        failures.set(why, (failures.get(why) ?? 0) + 1);
      }
    }
  };
  for (let index = 0; index < 8; index += 1) void worker();
  let last = 0;
  setInterval(() => {
    say(
      `${String(counts.done - last).padStart(5)} orders/s, ${counts.done} in all, ${counts.failed} failed${[...failures].map(([why, times]) => `; ${times} × ${why}`).join('')}`,
    );
    last = counts.done;
  }, 1000);
}

try {
  say(`a home of its own: ${home}`);
  await run('daemon', 'start', '--wait');
  say('the daemon answers');
  for (const service of services) await run('image', 'add', `${service}:v1.0.0`, join(shop, 'services', service));
  await run('apply', '-f', shop, '-R');
  say('the manifests of examples/shop are applied');
  await Promise.all(
    services.map(async (service) => {
      await run('rollout', 'status', `deployment/${service}`, '-n', 'backend', '--timeout=60s');
      say(`${service}: 2 of 2 replicas are ready`);
    }),
  );
  const placed = await order();
  if (placed.status !== 201) throw new Error(`the first order failed: ${placed.error ?? placed.text}`);
  say(`an order passed three services: ${placed.text}`);
} catch (error) {
  console.error(error.message);
  await end(1);
}
if (flags.has('--once')) await end(0);

const command = `DROVER_HOME=${home} npx drover`;
console.log(`
  Open      http://${page.host}:${page.port}

  Try       ${command} get pods -A
            ${command} logs product-service -n backend
            ${command} scale product-service 4 -n backend
            kubectl --kubeconfig ${home}/kubeconfig get pods -n backend -o wide
            kill -9 any process that you see: nothing stops serving

  End       Ctrl-C (leaves nothing behind)
`);
if (flags.has('--load')) await load();
else setInterval(() => undefined, 1 << 30);
