import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../std/index.ts';
import type { ContainerConfig, RuntimeEvent, SandboxConfig } from '../contract.ts';
import { runtimeSuite, suitePrograms } from '../suite/runtime-suite.ts';
import { createFakeRuntime, type FakeProgram } from './fake-runtime.ts';

const imitations: { readonly [command: string]: FakeProgram } = {
  [suitePrograms.exits0.join()]: { exitsAfterMs: 0 },
  [suitePrograms.exits3.join()]: { exitsAfterMs: 0, exitCode: 3 },
  [suitePrograms.stubborn.join()]: { ignores: ['SIGTERM'] },
  [suitePrograms.missing.join()]: { startError: { code: 'ERR_START_COMMAND_NOT_FOUND', message: 'no such program' } },
};

let serial = 0;
function pod(command: readonly string[]): { sandbox: SandboxConfig; container: ContainerConfig } {
  const id = `pod-${serial++}`;
  const logDirectory = join(tmpdir(), 'drover-fake-runtime', id);
  return {
    sandbox: { id, namespace: 'default', pod: id, labels: {}, logDirectory, network: { mode: 'host', ip: '127.0.0.1', env: {} } },
    container: {
      id: `${id}/main/0`,
      sandboxId: id,
      name: 'main',
      attempt: 0,
      command,
      workingDirectory: '/',
      env: {},
      mounts: [],
      resources: {},
      logPath: join(logDirectory, 'main', '0.log'),
      logLimits: { maxBytes: 1024, maxFiles: 2 },
      stdin: false,
      tty: false,
      inject: 'none',
      ipc: true,
    },
  };
}

const runtime = createFakeRuntime({ clock: systemClock, behaviour: (config) => imitations[config.command.join()] ?? {} });
runtimeSuite('the fake runtime', () => ({ runtime, pod, settled: async () => undefined }));

test('a simulated program gets ready and runs out of memory when it is told to', async () => {
  const simulated = createFakeRuntime({ clock: systemClock, behaviour: () => ({ readyAfterMs: 1, runsOutOfMemoryAfterMs: 5 }) });
  const { sandbox, container } = pod(['x']);
  const events: RuntimeEvent[] = [];
  const over = new Promise<void>((resolve) => {
    simulated.subscribe((event) => {
      events.push(event);
      if (event.type === 'exited') resolve();
    });
  });
  await simulated.startSandbox(sandbox);
  await simulated.startContainer(container);
  await over;
  expect(events.map((event) => event.type)).toEqual(['ready', 'exited']);
  expect(events[1]).toMatchObject({ container: { exitCode: 137, reason: 'OOMKilled' } });
});
