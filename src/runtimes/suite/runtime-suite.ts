import { describe, expect, test } from 'vitest';
import type { ContainerConfig, Runtime, RuntimeEvent, SandboxConfig } from '../contract.ts';

/** The programs of the suite. A runtime without processes imitates them. */
export const suitePrograms = {
  forever: ['sleep', '1000'],
  exits3: ['sh', '-c', 'exit 3'],
  exits0: ['sh', '-c', 'exit 0'],
  stubborn: ['sh', '-c', 'trap "" TERM; echo stubborn; while :; do sleep 0.05; done'],
  missing: ['drover-suite-no-such-program'],
} as const satisfies { readonly [name: string]: readonly string[] };

export interface SuiteSubject {
  readonly runtime: Runtime;
  /** A sandbox and a container of it, not started; each call another. */
  pod(command: readonly string[]): { readonly sandbox: SandboxConfig; readonly container: ContainerConfig };
  /** Resolves when `stubborn` has set its trap, where that takes time. */
  settled(container: ContainerConfig): Promise<void>;
}

/** What every runtime promises. Each implementation runs all of it. */
export function runtimeSuite(name: string, subject: () => SuiteSubject): void {
  const start = async (command: readonly string[]) => {
    const { runtime, pod } = subject();
    const { sandbox, container } = pod(command);
    const events: RuntimeEvent[] = [];
    const exited = new Promise<RuntimeEvent & { type: 'exited' }>((resolve) => {
      runtime.subscribe((event) => {
        events.push(event);
        if (event.type === 'exited' && event.container.id === container.id) resolve(event);
      });
    });
    await runtime.startSandbox(sandbox);
    const record = await runtime.startContainer(container);
    return { runtime, sandbox, container, record, exited, events };
  };

  describe(`${name} keeps the runtime's promises`, () => {
    test('a started container is listed as running with its pid', async () => {
      const { runtime, sandbox, container, record } = await start(suitePrograms.forever);
      expect(record).toMatchObject({ id: container.id, sandboxId: sandbox.id, state: 'running', attempt: 0, droppedLogBytes: 0 });
      const listed = await runtime.list();
      expect(listed.sandboxes.map(({ id }) => id)).toContain(sandbox.id);
      expect(listed.containers.find(({ id }) => id === container.id)).toEqual(record);
      expect(await runtime.stats(container.id)).toMatchObject({ processes: expect.any(Number) });
      await runtime.removeSandbox(sandbox.id, { removeLogs: true });
    });

    test('starting a known id gives its record and starts nothing', async () => {
      const { runtime, sandbox, container, record } = await start(suitePrograms.forever);
      await runtime.startSandbox(sandbox);
      expect(await runtime.startContainer(container)).toEqual(record);
      await runtime.removeSandbox(sandbox.id, { removeLogs: true });
    });

    test.each([
      ['exits3', 3, 'Error'],
      ['exits0', 0, 'Completed'],
    ] as const)('%s is told once with its code', async (program, exitCode, reason) => {
      const { runtime, sandbox, container, exited, events } = await start(suitePrograms[program]);
      expect((await exited).container).toMatchObject({ state: 'exited', exitCode, reason, finishedAtMs: expect.any(Number) });
      expect(events.filter((event) => event.type === 'exited' && event.container.id === container.id)).toHaveLength(1);
      await runtime.removeSandbox(sandbox.id, { removeLogs: true });
    });

    test('a signal ends a container as 128 + n, and signalling it again is harmless', async () => {
      const { runtime, sandbox, container, exited } = await start(suitePrograms.forever);
      await runtime.signalContainer(container.id, 'SIGTERM');
      expect((await exited).container).toMatchObject({ exitCode: 143, signal: 'SIGTERM', reason: 'Error' });
      await runtime.signalContainer(container.id, 'SIGTERM');
      await runtime.removeSandbox(sandbox.id, { removeLogs: true });
    });

    test('what ignores SIGTERM is ended by SIGKILL', async () => {
      const { runtime, sandbox, container, exited } = await start(suitePrograms.stubborn);
      await subject().settled(container);
      await runtime.signalContainer(container.id, 'SIGTERM');
      expect((await runtime.list()).containers.find(({ id }) => id === container.id)?.state).toBe('running');
      await runtime.signalContainer(container.id, 'SIGKILL');
      expect((await exited).container).toMatchObject({ exitCode: 137, signal: 'SIGKILL', reason: 'Error' });
      await runtime.removeSandbox(sandbox.id, { removeLogs: true });
    });

    test('a missing program is a StartError, and the id can be started again', async () => {
      const { runtime, pod } = subject();
      const { sandbox, container } = pod(suitePrograms.missing);
      await runtime.startSandbox(sandbox);
      await expect(runtime.startContainer(container)).rejects.toMatchObject({ code: 'ERR_START_COMMAND_NOT_FOUND' });
      expect((await runtime.startContainer({ ...container, command: suitePrograms.forever })).state).toBe('running');
      await runtime.removeSandbox(sandbox.id, { removeLogs: true });
    });

    test('a container without its sandbox is refused', async () => {
      const { runtime, pod } = subject();
      await expect(runtime.startContainer(pod(suitePrograms.forever).container)).rejects.toMatchObject({ code: 'ERR_START_FAILED' });
    });

    test('an exited container is forgotten when it is removed, a running one is not', async () => {
      const { runtime, sandbox, container, exited } = await start(suitePrograms.forever);
      await expect(runtime.removeContainer(container.id, { keepLog: true })).rejects.toThrow(/still runs/);
      await runtime.signalContainer(container.id, 'SIGKILL');
      await exited;
      await runtime.removeContainer(container.id, { keepLog: true });
      await runtime.removeContainer(container.id, { keepLog: true });
      expect((await runtime.list()).containers.map(({ id }) => id)).not.toContain(container.id);
      await runtime.removeSandbox(sandbox.id, { removeLogs: true });
    });

    test('removing a sandbox ends what runs in it, and removing it twice is harmless', async () => {
      const { runtime, sandbox, container, exited } = await start(suitePrograms.forever);
      await runtime.removeSandbox(sandbox.id, { removeLogs: true });
      expect((await exited).container).toMatchObject({ exitCode: 137 });
      await runtime.removeSandbox(sandbox.id, { removeLogs: true });
      const listed = await runtime.list();
      expect([listed.sandboxes.map(({ id }) => id).includes(sandbox.id), listed.containers.map(({ id }) => id).includes(container.id)]).toEqual([false, false]);
    });

    test('what concerns an unknown or ended container is answered, not an error', async () => {
      const { runtime } = subject();
      const id = 'no-such-pod/main/0';
      await runtime.signalContainer(id, 'SIGTERM');
      await runtime.drainContainer(id, 10);
      expect([await runtime.sendMessage(id, 'x'), await runtime.listeningPorts(id), await runtime.stats(id)]).toEqual([false, [], undefined]);
      await expect(runtime.exec(id, ['true'], { tty: false, streams: {} })).rejects.toMatchObject({ code: 'ERR_START_FAILED' });
    });
  });
}
