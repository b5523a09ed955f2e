import type { VerbHandler } from '../verbs/handler.ts';
import { binding } from './binding.ts';
import { exec } from './exec.ts';
import { finalize } from './finalize.ts';
import { log } from './log.ts';
import { scale } from './scale.ts';
import type { Streams } from './streams.ts';

/** Handlers of subresources that are not simply the object seen another way, by name. A kind that declares one of these is served by it. */
export const subresourceHandlers = (streams: Streams): { readonly [name: string]: VerbHandler } => ({
  binding,
  exec: exec(streams),
  finalize,
  log: log(streams),
  scale,
});
