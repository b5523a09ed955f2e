import { type Answer, answerStatus } from '../request/answer.ts';
import type { Call } from '../request/call.ts';
import { statusErrorOf } from './errors.ts';
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
    const record = (status: number) =>
      sink({ id: call.id, user: call.user.name, verb: call.info.verb, path: call.path, userAgent: call.headers['user-agent'] ?? '', status });
    try {
      const answer = await next(call);
      record(answerStatus(answer));
      return answer;
    } catch (error) {
      record(statusErrorOf(error).code);
      throw error;
    }
  };
