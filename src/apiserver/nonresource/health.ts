import { unknownResource } from '../../apimachinery/index.ts';
import { type Answer, textAnswer } from '../request/answer.ts';
import { type Call, queryFlag } from '../request/call.ts';

/** One named condition of health; `ok` returns why not, or undefined when all is well. */
export interface HealthCheck {
  readonly name: string;
  /** `readiness` checks count for /readyz only: restarting would not help. */
  readonly kind: 'liveness' | 'readiness';
  readonly failing: () => string | undefined;
}

const ENDPOINTS = new Set(['healthz', 'livez', 'readyz']);

/** /healthz, /livez, /readyz, with ?verbose, ?exclude=name and /readyz/name, in the words of Kubernetes. Undefined for other paths. */
export function health(call: Call, checks: readonly HealthCheck[]): Answer | undefined {
  const [endpoint = '', only, ...rest] = call.path.split('/').filter((part) => part !== '');
  if (!ENDPOINTS.has(endpoint) || rest.length > 0) return undefined;
  const relevant = checks.filter((check) => endpoint === 'readyz' || check.kind === 'liveness');
  if (only !== undefined && !relevant.some((check) => check.name === only)) throw unknownResource();
  const excluded = new Set(call.query.getAll('exclude'));
  const lines: string[] = [];
  let failed = false;
  for (const check of relevant) {
    if (only !== undefined && check.name !== only) continue;
    if (excluded.has(check.name)) {
      lines.push(`[+]${check.name} excluded: ok`);
      continue;
    }
    const why = check.failing();
    if (why !== undefined) failed = true;
    lines.push(why === undefined ? `[+]${check.name} ok` : `[-]${check.name} failed: ${why}`);
  }
  if (failed) return textAnswer(500, `${[...lines, `${endpoint} check failed`].join('\n')}\n`);
  if (queryFlag(call.query, 'verbose')) return textAnswer(200, `${[...lines, `${endpoint} check passed`].join('\n')}\n`);
  return textAnswer(200, 'ok');
}
