import type { Answer } from '../request/answer.ts';
import type { Call } from '../request/call.ts';

export type Handler = (call: Call) => Promise<Answer>;

/** One stage of a request's path: does its part and calls the next, or answers by itself. */
export type Filter = (next: Handler) => Handler;

/** The first filter of the list sees a request first. */
export const chain = (filters: readonly Filter[], handler: Handler): Handler => filters.reduceRight((next, filter) => filter(next), handler);
