import { type Answer, answerStatus } from '../request/answer.ts';
import type { Call } from '../request/call.ts';
import type { Filter } from './filter.ts';

/** What a request was and how it was answered. */
export interface AuditRecord {
  readonly id: string;
  readonly user: string;
  readonly verb: string;
  readonly path: string;
  readonly userAgent: string;
  readonly status: number;
}

/** Hears of every request that was answered; must not throw and must return at once. */
export type AuditSink = (record: AuditRecord) => void;

/** Tells the sink once an answer is there, refusals included. */
export const withAudit =
  (sink: AuditSink): Filter =>
  (next) =>
  async (call: Call): Promise<Answer> => {
    const answer = await next(call);
    sink({
      id: call.id,
      user: call.user.name,
      verb: call.info.verb,
      path: call.path,
      userAgent: call.headers['user-agent'] ?? '',
      status: answerStatus(answer),
    });
    return answer;
  };
