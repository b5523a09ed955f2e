// The two process managers behind one shape, each in a home of its own that is removed afterwards.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = promisify(execFile);
export const app = (name) => join(here, 'apps', name);

const running = new Set();

/** Ends whatever a benchmark that failed left running. */
export const endAll = () => Promise.all([...running].map((one) => one.end()));

function manager({ name, program, variable, kill, managerPids }) {
  const home = mkdtempSync(join(tmpdir(), `bench-${name}-`));
  const env = { ...process.env, [variable]: home, NO_COLOR: '1' };
  for (const key of Object.keys(env)) if (/^npm_/.test(key)) delete env[key];
  /** Runs one command; resolves with { ms, stdout }; a failure rejects with its output. */
  const command = async (...args) => {
    const started = performance.now();
    const { stdout } = await run(process.execPath, [program, ...args], { env, maxBuffer: 1 << 26, timeout: 120_000 });
    return { ms: performance.now() - started, stdout };
  };
  const made = {
    name,
    home,
    command,
    /** Pids of the apps, by jlist, which both have. */
    pids: async () =>
      JSON.parse((await command('jlist')).stdout)
        .map((one) => one.pid)
        .filter((pid) => pid > 0),
    managerPids: () => managerPids(home),
    end: async () => {
      running.delete(made);
      await command(...kill).catch((error) => console.error(`bench: ${name} did not end cleanly: ${error.message}`));
      rmSync(home, { recursive: true, force: true });
    },
  };
  running.add(made);
  return made;
}

export const pidsMentioning = (text) =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return pid !== process.pid && line.includes(text);
      } catch {
        return false;
      }
    });

export const drover = () =>
  manager({
    name: 'drover',
    program: join(here, '../dist/drover.js'),
    variable: 'DROVER_HOME',
    kill: ['kill', '--yes'],
    managerPids: (home) => pidsMentioning(home).filter((pid) => /dist\/(shim|daemon|proxy)\.js/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))),
  });

export const pm2 = () =>
  manager({
    name: 'pm2',
    program: join(here, 'node_modules/pm2/bin/pm2'),
    variable: 'PM2_HOME',
    kill: ['kill'],
    managerPids: (home) => pidsMentioning(`God Daemon (${home})`),
  });

/** { cpuSeconds, rssMb } of some processes, from /proc. */
export function usage(pids) {
  const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  let cpuSeconds = 0;
  let rssMb = 0;
  for (const pid of pids) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      cpuSeconds += (Number(fields[11]) + Number(fields[12])) / ticks;
      rssMb += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    } catch {
      // It ended meanwhile: what it used is not known any more.
    }
  }
  return { cpuSeconds, rssMb };
}
