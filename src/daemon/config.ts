import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type HomePaths, homePaths } from '../std/index.ts';

/** Everything a daemon is told from outside, checked and complete. */
export interface DaemonConfig {
  readonly home: HomePaths;
  /** Only take this home's networks off the machine and end: what `drover kill` asks for when no process of the home is left. */
  readonly teardown: boolean;
  readonly nodeName: string;
  /** process: pods are processes. fake: pods are simulated, for benchmarks; nothing is started. */
  readonly runtime: 'process' | 'fake';
  /** Pods that the node takes; undefined for the node agent's default. */
  readonly maxPods: number | undefined;
  /** What the scheduler does when CPU requests exceed the machine: see docs/decisions/0003-overcommit.md. */
  readonly overcommit: 'strict' | 'warn';
  /** HTTPS port to try first; others follow when it is taken. */
  readonly apiPort: number;
  /** How much output of a container is kept: files of this size, so many of them. */
  readonly logLimits: { readonly maxBytes: number; readonly maxFiles: number };
  readonly environment: NodeJS.ProcessEnv;
}

/** A setting that cannot be used; the message names it, what was expected and what was found. */
export class ConfigError extends Error {
  readonly code = 'ERR_DAEMON_CONFIG';
}

const DEFAULT_API_PORT = 6443;
const MAX_PODS_LIMIT = 20_000;
/** As the kubelet's containerLogMaxSize and containerLogMaxFiles. */
const DEFAULT_LOG_LIMITS = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 };

function choice<T extends string>(name: string, value: string | undefined, allowed: readonly T[], fallback: T): T {
  if (value === undefined || value === '') return fallback;
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new ConfigError(`${name}: expected ${allowed.join(' or ')}, found "${value}"`);
  return found;
}

function wholeNumber(name: string, value: string | undefined, from: number, to: number): number | undefined {
  if (value === undefined || value === '') return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < from || number > to)
    throw new ConfigError(`${name}: expected a whole number from ${from} to ${to}, found "${value}"`);
  return number;
}

/** The machine's name as a Node may be called: lower case, letters, digits, dots and hyphens. */
const asNodeName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 63) || 'localhost';

/** Reads `--home DIR`, `--teardown` and the DROVER_* environment. Throws ConfigError. */
export function readConfig(args: readonly string[], environment: NodeJS.ProcessEnv): DaemonConfig {
  const { values } = parseArgs({ args: [...args], options: { home: { type: 'string' }, teardown: { type: 'boolean', default: false } } });
  if (!values.home) throw new ConfigError('--home: a directory is required');
  return Object.freeze({
    home: homePaths(resolve(values.home)),
    teardown: values.teardown,
    nodeName: asNodeName(environment['DROVER_NODE_NAME'] || hostname()),
    runtime: choice('DROVER_RUNTIME', environment['DROVER_RUNTIME'], ['process', 'fake'], 'process'),
    maxPods: wholeNumber('DROVER_MAX_PODS', environment['DROVER_MAX_PODS'], 1, MAX_PODS_LIMIT),
    overcommit: choice('DROVER_OVERCOMMIT', environment['DROVER_OVERCOMMIT'], ['strict', 'warn'], 'warn'),
    apiPort: wholeNumber('DROVER_API_PORT', environment['DROVER_API_PORT'], 1, 65_535) ?? DEFAULT_API_PORT,
    logLimits: {
      maxBytes: wholeNumber('DROVER_LOG_MAX_BYTES', environment['DROVER_LOG_MAX_BYTES'], 64 * 1024, Number.MAX_SAFE_INTEGER) ?? DEFAULT_LOG_LIMITS.maxBytes,
      maxFiles: wholeNumber('DROVER_LOG_MAX_FILES', environment['DROVER_LOG_MAX_FILES'], 1, 1000) ?? DEFAULT_LOG_LIMITS.maxFiles,
    },
    environment,
  });
}
