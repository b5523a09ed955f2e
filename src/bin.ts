#!/usr/bin/env node
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main, processIo } from './cli/index.ts';
import { systemClock } from './std/index.ts';

const interrupt = new AbortController();
process.on('SIGINT', () => {
  // The second time the user means it.
  if (interrupt.signal.aborted) process.exit(130);
  interrupt.abort(new Error('interrupted'));
});
process.on('SIGTERM', () => process.exit(143));
// A reader that has gone (drover list | head) wants no more; that is no failure.
process.stdout.on('error', () => process.exit(0));

// No await at the top: this program is bundled as one CommonJS file, which starts fastest.
void main(process.argv.slice(2), {
  io: processIo(),
  clock: systemClock,
  programs: dirname(fileURLToPath(import.meta.url)),
  signal: interrupt.signal,
}).then((code) => process.exit(code));
