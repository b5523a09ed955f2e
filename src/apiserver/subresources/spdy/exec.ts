import { badRequest, type PodExecOptions } from '../../../apimachinery/index.ts';
import type { Answer } from '../../request/answer.ts';
import type { Upgrade } from '../../request/call.ts';
import type { RunExec } from '../websocket-exec.ts';

/** Not yet: clients up to 1.29 are told which way works. */
export function serveSpdyExec(_upgrade: Upgrade, _protocols: readonly string[], _options: PodExecOptions, _run: RunExec, _signal: AbortSignal): Answer {
  throw badRequest('unable to upgrade: this server serves exec over WebSocket only (kubectl 1.30 and newer)');
}
