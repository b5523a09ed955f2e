import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { LineCounter, parseDocument } from 'yaml';
import { type Clock, errorText } from '../../std/index.ts';
import { CliError } from '../errors.ts';

const LIMIT_MS = 10_000;
const MODULES = new Set(['.js', '.cjs', '.mjs', '.ts', '.cts', '.mts']);

/** The child's program: loads the file (CommonJS or ES module, as its package says) and writes what it exports to descriptor 3. */
const LOADER = `
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
const loaded = await import(pathToFileURL(process.argv[1]).href);
let value = 'default' in loaded ? loaded.default : 'module.exports' in loaded ? loaded['module.exports'] : { ...loaded };
if (typeof value === 'function') value = value();
writeFileSync(3, JSON.stringify((await value) ?? null));
process.exit(0);
`;

/** What an ecosystem file exports. A program file is run in a child process for at most 10 s; failures say file:line. */
export async function loadEcosystem(file: string, clock: Clock, env: NodeJS.ProcessEnv): Promise<unknown> {
  return MODULES.has(extname(file)) ? await runModule(file, clock, env) : await readData(file);
}

async function readData(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError(`cannot read ${file}: ${errorText(cause)}`, { cause });
  }
  // YAML reads JSON as well, and tells lines.
  const lines = new LineCounter();
  const document = parseDocument(extname(file) === '.json' ? withoutComments(text) : text, { lineCounter: lines, prettyErrors: false });
  const problem = document.errors[0];
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw new CliError(`${file}:${line}:${col}: ${problem.message}`, { cause: problem });
  }
  return document.toJS() as unknown;
}

/** PM2 allows comments in its JSON files; they become blanks, so that lines and columns stay. */
const withoutComments = (text: string): string =>
  text.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (match, string: string | undefined) => string ?? match.replace(/[^\n]/g, ' '));

async function runModule(file: string, clock: Clock, env: NodeJS.ProcessEnv): Promise<unknown> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', LOADER, file], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], env });
  let late = false;
  const timer = clock.after(LIMIT_MS, () => {
    late = true;
    child.kill('SIGKILL');
  });
  try {
    const [result, printed, errors, code] = await Promise.all([
      textOf(child.stdio[3] as Readable),
      textOf(child.stdio[1] as Readable),
      textOf(child.stdio[2] as Readable),
      new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve)),
    ]);
    if (late)
      throw new CliError(`${file}: it did not finish loading within ${LIMIT_MS / 1_000} s`, {
        hint: 'an ecosystem file must only export; see what it waits for',
      });
    if (code !== 0) throw new CliError(failure(file, errors || printed));
    return JSON.parse(result) as unknown;
  } finally {
    timer.close();
  }
}

async function textOf(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** Node's report of an uncaught failure, as `file:line: Error: …` with the line of code. */
function failure(file: string, report: string): string {
  const lines = report.split('\n');
  const message =
    lines.find((line) => /^\s*(?:[A-Z]\w*)?Error\b.*:/.test(line))?.trim() ?? lines.find((line) => line.trim() !== '')?.trim() ?? 'it could not be loaded';
  const place =
    [...report.matchAll(/(?:file:\/\/)?(\/[^\s():]+):(\d+)/g)].find((match) => match[1] && decodeURI(match[1]) === file) ??
    /(?:file:\/\/)?(\/[^\s():]+):(\d+)/.exec(report);
  const code = lines.findIndex((line) => /^\s*\^+\s*$/.test(line));
  // The report begins with the place that threw; when that is inside Node, its code says nothing about this file.
  const own = code > 1 && decodeURI(lines[code - 2] ?? '').includes(file);
  const shown = own ? `\n${lines[code - 1]}\n${lines[code]}` : '';
  return `${place?.[1] ? `${decodeURI(place[1])}:${place[2]}` : file}: ${message}${shown}`;
}
