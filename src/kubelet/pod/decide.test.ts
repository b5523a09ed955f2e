import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerRecord } from '../../runtimes/index.ts';
import { goDuration, nextStreak, restartDelayMs } from './back-off.ts';
import { type Action, decide, isInitialized } from './decide.ts';
import type { ContainerRole, ContainerView, PodView } from './pod-view.ts';

type Changing<T> = { -readonly [key in keyof T]: T[key] };
type World = Changing<Omit<PodView, 'containers'>> & { containers: Changing<ContainerView>[] };

const container = (name: string, role: ContainerRole, restartPolicy: ContainerView['restartPolicy']): Changing<ContainerView> => ({
  name,
  role,
  restartPolicy: role === 'sidecar' ? 'Always' : role === 'init' && restartPolicy === 'Always' ? 'OnFailure' : restartPolicy,
  attemptFloor: 0,
  streak: 0,
  started: false,
  ready: false,
});

const record = (name: string, attempt: number, nowMs: number): ContainerRecord => ({
  id: `uid/${name}/${attempt}`,
  sandboxId: 'uid',
  name,
  attempt,
  state: 'running',
  pid: 1,
  startTicks: '1',
  startedAtMs: nowMs,
  logPath: '',
  droppedLogBytes: 0,
});

const worlds = fc
  .tuple(
    fc.array(fc.constantFrom<ContainerRole>('init', 'sidecar'), { maxLength: 4 }),
    fc.integer({ min: 1, max: 3 }),
    fc.constantFrom<ContainerView['restartPolicy']>('Always', 'OnFailure', 'Never'),
  )
  .map(
    ([inits, mains, policy]): World => ({
      state: 'syncing',
      prepared: 'no',
      deleting: false,
      containers: [
        ...inits.map((role, index) => container(`i${index}`, role, policy)),
        ...Array.from({ length: mains }, (_, index) => container(`m${index}`, 'main', policy)),
      ],
    }),
  );

/** What may happen next: the number chooses among what is possible. */
const histories = fc.array(
  fc.record({ what: fc.constantFrom('finish', 'exit', 'fail', 'start', 'time', 'delete', 'crash'), which: fc.nat(10), code: fc.constantFrom(0, 1) }),
  { maxLength: 60 },
);

/** Marks what was decided as begun, as the worker does. */
function begin(world: World, action: Action): void {
  const one = 'container' in action ? world.containers.find((each) => each.name === action.container) : undefined;
  if (action.type === 'prepare') world.prepared = 'underway';
  if (action.type === 'start' && one) one.operation = 'start';
  if (action.type === 'stop' && one) one.operation = 'stop';
  if (action.type === 'terminate') world.state = 'terminating';
  if (action.type === 'finish') world.state = 'terminated';
}

function checkSafety(world: World, action: Action): void {
  const one = 'container' in action ? world.containers.find((each) => each.name === action.container) : undefined;
  if (action.type === 'start' && one) {
    expect(world.state).toBe('syncing');
    expect(world.prepared).toBe('yes');
    expect(one.latest?.state).not.toBe('running');
    expect(action.attempt).toBe((one.latest?.attempt ?? -1) + 1);
    if (one.role === 'main') expect(isInitialized(world)).toBe(true);
  }
  if (action.type === 'stop' && one) {
    expect(one.latest?.state).toBe('running');
    if (world.state === 'syncing') expect(one.kill).toBeDefined();
    else if (one.role === 'sidecar') expect(world.containers.some((each) => each.role !== 'sidecar' && each.latest?.state === 'running')).toBe(false);
  }
  if (action.type === 'finish') expect(world.containers.some((each) => each.latest?.state === 'running' || each.operation !== undefined)).toBe(false);
}

function settle(world: World, nowMs: number): void {
  for (let round = 0; round < 3; round += 1) {
    for (const action of decide(world, nowMs).actions) {
      checkSafety(world, action);
      begin(world, action);
    }
  }
  expect(decide(world, nowMs).actions).toEqual([]);
}

function happen(world: World, event: { readonly what: string; readonly which: number; readonly code: number }, nowMs: number): void {
  const pick = (list: readonly Changing<ContainerView>[]): Changing<ContainerView> | undefined => list[event.which % Math.max(list.length, 1)];
  const end = (one: Changing<ContainerView> | undefined, exitCode: number): void => {
    if (one?.latest?.state !== 'running') return;
    one.latest = { ...one.latest, state: 'exited', exitCode, finishedAtMs: nowMs };
    one.streak = nextStreak(one.streak, nowMs - one.latest.startedAtMs);
    one.started = false;
    one.kill = undefined;
    if (one.operation === 'stop') one.operation = undefined;
  };
  switch (event.what) {
    case 'finish': {
      if (world.prepared === 'underway') world.prepared = event.code === 0 ? 'yes' : 'no';
      const one = pick(world.containers.filter((each) => each.operation !== undefined));
      if (one?.operation === 'start') {
        one.latest = record(one.name, (one.latest?.attempt ?? -1) + 1, nowMs);
        one.started = true;
        one.operation = undefined;
      } else if (one) end(one, 143);
      break;
    }
    case 'exit':
      end(pick(world.containers.filter((each) => each.latest?.state === 'running')), event.code);
      break;
    case 'fail': {
      const one = pick(world.containers.filter((each) => each.latest?.state === 'running' && each.started));
      if (one && world.state === 'syncing') one.kill = { why: 'liveness', message: '' };
      break;
    }
    case 'delete':
      if (event.which === 0) {
        world.deleting = true;
        if (world.state === 'syncing') world.state = 'terminating';
      }
      break;
    case 'crash':
      // Another process takes over: what was under way is forgotten, what runs and what is being deleted is not.
      for (const one of world.containers) one.operation = undefined;
      world.prepared = 'no';
      break;
  }
}

describe('decide', () => {
  it('is safe and does nothing the second time, whatever happens, crashes included', () => {
    fc.assert(
      fc.property(worlds, histories, (world, history) => {
        let nowMs = 1_000_000;
        settle(world, nowMs);
        for (const event of history) {
          nowMs += event.what === 'time' ? event.which * 60_000 : 10;
          happen(world, event, nowMs);
          settle(world, nowMs);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('comes to its end once a pod is deleted and everything obeys', () => {
    fc.assert(
      fc.property(worlds, histories, (world, history) => {
        let nowMs = 1_000_000;
        for (const event of history) {
          nowMs += 10;
          happen(world, event, nowMs);
          settle(world, nowMs);
        }
        happen(world, { what: 'delete', which: 0, code: 0 }, nowMs);
        for (let step = 0; step < 40; step += 1) {
          settle(world, nowMs);
          happen(world, { what: 'finish', which: 0, code: 0 }, ++nowMs);
        }
        expect(world.state).toBe('terminated');
      }),
    );
  });

  it('starts a pod whose programs all run, without waiting for anything but them', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        let nowMs = 1_000_000;
        for (let step = 0; step < 40; step += 1) {
          settle(world, nowMs);
          happen(world, { what: 'finish', which: 0, code: 0 }, ++nowMs);
          for (const one of world.containers)
            if (one.role === 'init' && one.latest?.state === 'running') one.latest = { ...one.latest, state: 'exited', exitCode: 0, finishedAtMs: nowMs };
        }
        expect(world.containers.filter((one) => one.role !== 'init').every((one) => one.latest?.state === 'running')).toBe(true);
      }),
    );
  });
});

describe('back-off', () => {
  it('is 0, 10 s, 20 s … 5 min, and starts anew after ten minutes of running', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((streak) => restartDelayMs({ streak, pm2: undefined }) / 1000)).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
    expect(nextStreak(6, 600_000)).toBe(1);
    expect(nextStreak(6, 599_999)).toBe(7);
  });

  it('is written as Go writes durations', () => {
    expect([10_000, 80_000, 300_000, 3_600_000].map(goDuration)).toEqual(['10s', '1m20s', '5m0s', '1h0m0s']);
  });
});
