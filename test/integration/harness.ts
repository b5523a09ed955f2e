import { type ExecFileOptions, execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; never rejects. A program that takes longer than two minutes is killed (code 124). */
export function command(program: string, args: readonly string[], options: ExecFileOptions & { readonly input?: string } = {}): Promise<CommandResult> {
  return new Promise((done) => {
    const child = execFile(program, [...args], { timeout: 120_000, maxBuffer: 1 << 26, encoding: 'utf8', ...options }, (error, stdout, stderr) => {
      const code = error === null ? 0 : child.killed ? 124 : typeof error.code === 'number' ? error.code : 1;
      done({ code, stdout: String(stdout), stderr: String(stderr) });
    });
    // A program may end without having read its input.
    child.stdin?.on('error', () => undefined).end(options.input ?? '');
  });
}

/** A drover home of its own for one test file, with the command line and two real kubectl bound to it. */
export interface TestHome {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  drover(...args: string[]): Promise<CommandResult>;
  /** Like drover, but a failure throws with all output. Resolves with stdout. */
  droverOk(...args: string[]): Promise<string>;
  kubectl(...args: string[]): Promise<CommandResult>;
  kubectlOk(...args: string[]): Promise<string>;
  kubectlOld(...args: string[]): Promise<CommandResult>;
  /** The kubectl program and environment, for what runs on (watches, follows). */
  readonly kubectlProgram: string;
  /** Throws while there is none. */
  pid(which: 'daemon' | 'shim'): number;
  end(): Promise<void>;
}

const must = async (line: string, result: Promise<CommandResult>): Promise<string> => {
  const { code, stdout, stderr } = await result;
  if (code !== 0) throw new Error(`${line} ended with ${code}\n${stdout}\n${stderr}`);
  return stdout;
};

export function testHome(settings: Record<string, string> = {}): TestHome {
  const home = mkdtempSync(join(tmpdir(), 'drover-test-'));
  const env: NodeJS.ProcessEnv = { ...process.env, DROVER_HOME: home, KUBECONFIG: join(home, 'kubeconfig'), HOME: home, NO_COLOR: '1', ...settings };
  delete env['NODE_OPTIONS'];
  for (const name of Object.keys(env)) if (/^(VITEST|npm_)/.test(name)) delete env[name];
  const kubectlProgram = process.env['KUBECTL'] ?? 'kubectl';
  const drover = (...args: string[]) => command(process.execPath, [join(root, 'dist/drover.js'), ...args], { env, cwd: root });
  const kubectl = (...args: string[]) => command(kubectlProgram, args, { env, cwd: root });
  return {
    home,
    env,
    drover,
    droverOk: (...args) => must(`drover ${args.join(' ')}`, drover(...args)),
    kubectl,
    kubectlOk: (...args) => must(`kubectl ${args.join(' ')}`, kubectl(...args)),
    kubectlOld: (...args) => command(process.env['KUBECTL_OLD'] ?? kubectlProgram, args, { env, cwd: root }),
    kubectlProgram,
    pid: (which) => {
      const text = readFileSync(join(home, 'run', `${which}.pid`), 'utf8');
      const pid = Number(/\d+/.exec(text)?.[0]);
      // 0 and below would be signalled to this very test's process group.
      if (!(pid > 1)) throw new Error(`run/${which}.pid holds no process id: ${text}`);
      return pid;
    },
    end: async () => {
      await drover('kill', '--yes');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Asks until `probe` gives something, every 50 ms; throws after the limit with what was last wrong. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined> | T | undefined, limitMs = 20_000): Promise<T> {
  const started = Date.now();
  let last: unknown;
  while (Date.now() - started < limitMs) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    await sleep(50);
  }
  throw new Error(`${what}: not within ${limitMs} ms`, { cause: last });
}

/** One GET of its own connection; resolves with status and body, rejects when no answer came. */
export function fetchText(url: string, timeoutMs = 10_000): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((done, failed) => {
    const sent = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (data: string) => {
        text += data;
      });
      response.on('end', () => done({ status: response.statusCode ?? 0, text }));
      response.on('error', failed);
    });
    sent.on('error', failed);
    sent.on('timeout', () => sent.destroy(new Error(`${url}: no answer in ${timeoutMs} ms`)));
  });
}

/** A constant load of new connections on a URL until stopped. */
export function startLoad(url: string, perSecond = 50) {
  const failures: string[] = [];
  let ok = 0;
  const open = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const one = fetchText(url)
      .then(({ status }) => {
        if (status >= 200 && status < 400) ok += 1;
        else failures.push(`status ${status}`);
      })
      .catch((error: NodeJS.ErrnoException) => void failures.push(error.code ?? error.message))
      .finally(() => open.delete(one));
    open.add(one);
  }, 1000 / perSecond);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(open);
      return { ok, failures };
    },
  };
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};
