import { execFileSync } from 'node:child_process';
import { createReadStream, lstatSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { app, drover, pidsMentioning, pm2, usage } from '../lib/managers.mjs';
import { report, sleep } from '../lib/report.mjs';

const filesUnder = (directory, matches) =>
  readdirSync(directory, { recursive: true })
    .map(String)
    .filter((file) => matches(file))
    .map((file) => join(directory, file))
    .filter((file) => lstatSync(file).isFile());

/** How many different numbered lines the files hold. */
async function linesIn(files) {
  const seen = new Set();
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const found = /(\d{10}) x/.exec(line);
      if (found) seen.add(found[1]);
    }
  }
  return seen.size;
}

/** 1,000,000 lines of 100 bytes from an app that exits right after the last: time until all are in the files, lines lost, the manager's CPU. */
export default async function measure({ quick }) {
  const lines = quick ? 100_000 : 1_000_000;
  process.env.LINES = String(lines);
  // Enough for all of them: by default the oldest of more than 50 MiB go.
  process.env.DROVER_LOG_MAX_FILES = '100';
  const directory = mkdtempSync(join(tmpdir(), 'bench-lines-'));
  const begun = performance.now();
  execFileSync('sh', ['-c', `"${process.execPath}" "${app('lines.cjs')}" > "${join(directory, 'direct')}"`]);
  const direct = performance.now() - begun;
  rmSync(directory, { recursive: true });
  const figures = {};
  for (const make of [drover, pm2]) {
    const manager = make();
    await manager.command('start', app('idle.cjs'), '--name', 'other');
    const pids = manager.managerPids();
    const before = usage(pids);
    const started = performance.now();
    await manager.command('start', app('lines.cjs'), '--name', 'lines', '--no-autorestart').catch(() => undefined);
    const logs = () => filesUnder(manager.home, (file) => /lines/.test(file) && /\.log/.test(file));
    const size = () => logs().reduce((sum, file) => sum + statSync(file).size, 0);
    let last = -1;
    let grew = performance.now();
    // While its loop runs the app writes nothing: it is over when the app has ended and the file rests.
    while (performance.now() - grew < 2000 || pidsMentioning('lines.cjs').length > 0) {
      const now = size();
      if (now !== last) {
        last = now;
        grew = performance.now();
      }
      await sleep(10);
    }
    figures[manager.name] = { ms: grew - started, cpu: usage(pids).cpuSeconds - before.cpuSeconds, lost: lines - (await linesIn(logs())) };
    await manager.end();
  }
  const row = (what, key, unit, goal) => ({ what, drover: figures.drover[key], peer: figures.pm2[key], unit, goal });
  report('pm2', [
    row('lines lost', 'lost', '', '0'),
    row('from the command to the last line in the file', 'ms', 'ms'),
    { what: '  over writing straight to a file', drover: figures.drover.ms / direct, peer: figures.pm2.ms / direct, goal: '≤ 1.15' },
    row("the manager's CPU", 'cpu', 's', '≤ 0.33'),
  ]);
  console.log(`  writing straight to a file: ${direct.toFixed(0)} ms`);
}
