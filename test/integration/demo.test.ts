import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command, eventually, fetchText, root } from './harness.ts';

const demo = join(root, 'scripts/demo.mjs');
const environment = () => {
  const { DROVER_HOME: _home, NODE_OPTIONS: _options, ...env } = process.env;
  return env;
};
const homeIn = (output: string): string => /a home of its own: (\S+)/.exec(output)?.[1] ?? '';

/** Command lines of all processes that mention `text`. */
const processesOf = (text: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(text));

describe('the demo', () => {
  it('comes up, sells something and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await command(process.execPath, [demo, '--once'], { env: environment() });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/an order passed three services: \{"order":"[\w-]+","product":"Stable lantern"/);
    expect(existsSync(homeIn(stdout))).toBe(false);
    expect(processesOf(homeIn(stdout))).toEqual([]);
  });

  it('stays until Ctrl-C and then ends everything', async () => {
    const child = spawn(process.execPath, [demo], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
    });
    await eventually('the demo says how to end', () => output.includes('Ctrl-C') || undefined, 60_000);
    expect((await fetchText('http://127.0.0.1:30080/health')).status).toBe(200);
    child.kill('SIGINT');
    const code = await new Promise((done) => child.once('exit', done));
    expect(code).toBe(0);
    expect(processesOf(homeIn(output))).toEqual([]);
    await expect(fetchText('http://127.0.0.1:30080/health')).rejects.toThrow('ECONNREFUSED');
  });

  it('refuses options that it does not know', async () => {
    const { code, stderr } = await command(process.execPath, [demo, '--fast'], { env: environment() });
    expect([code, stderr.trim()]).toEqual([2, 'demo: unknown option --fast; there are --load and --once']);
  });
});
