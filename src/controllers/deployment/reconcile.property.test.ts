import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deployment, ReplicaSet } from '../../kinds/index.ts';
import { fenceposts, replicasOf } from './fenceposts.ts';
import { type DeploymentPlan, type DeploymentWrite, sizeOf, totalSize } from './plan.ts';
import { reconcile } from './reconcile.ts';
import { isScaled } from './scale.ts';
import { sameTemplate } from './template-hash.ts';

const START_MS = Date.parse('2026-01-01T00:00:00Z');

const template = (image: string) => ({ metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image }] } });

/** A Deployment with its ReplicaSets and pods, in which every part may lag behind the others. */
class World {
  deployment: Deployment;
  sets = new Map<string, ReplicaSet>();
  /** Readiness of each pod, by ReplicaSet. */
  pods = new Map<string, boolean[]>();
  nowMs = START_MS;
  serial = 0;

  constructor(replicas: number, maxSurge: number | string, maxUnavailable: number | string, type = 'RollingUpdate') {
    this.deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd', namespace: 'n', uid: 'd-uid', generation: 1 },
      spec: {
        replicas,
        selector: { matchLabels: { app: 'a' } },
        template: template('v0'),
        strategy: type === 'Recreate' ? { type } : { type, rollingUpdate: { maxSurge, maxUnavailable } },
        revisionHistoryLimit: 2,
        progressDeadlineSeconds: 600,
      },
    };
  }

  change(spec: Partial<NonNullable<Deployment['spec']>>): void {
    this.deployment = {
      ...this.deployment,
      metadata: { ...this.deployment.metadata, generation: this.deployment.metadata.generation! + 1 },
      spec: { ...this.deployment.spec!, ...spec },
    };
  }

  plan(): DeploymentPlan {
    const podsOf = (uid: string) => (this.pods.get(uid.replace(/-uid$/, '')) ?? []).map(() => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }));
    return reconcile({ deployment: this.deployment, replicaSets: [...this.sets.values()], podsOf }, this.nowMs);
  }

  apply(write: DeploymentWrite): void {
    if (write.type === 'revision') {
      const annotations = { ...this.deployment.metadata.annotations, 'deployment.kubernetes.io/revision': write.revision };
      this.deployment = { ...this.deployment, metadata: { ...this.deployment.metadata, annotations } };
      return;
    }
    const name = write.replicaSet.metadata.name!;
    if (write.type === 'delete') {
      this.sets.delete(name);
      this.pods.delete(name);
      return;
    }
    const old = this.sets.get(name);
    const creationTimestamp = old?.metadata.creationTimestamp ?? new Date(START_MS + 1000 * this.serial++).toISOString();
    const generation = (old?.metadata.generation ?? 0) + (JSON.stringify(old?.spec) === JSON.stringify(write.replicaSet.spec) ? 0 : 1);
    const metadata = { ...write.replicaSet.metadata, uid: `${name}-uid`, creationTimestamp, generation };
    this.sets.set(name, { ...write.replicaSet, metadata });
    if (!old) this.pods.set(name, []);
  }

  /** The ReplicaSet controller: pods to the wanted number (not ready ones go first), then the status. */
  sync(name: string): void {
    const size = sizeOf(this.sets.get(name)!);
    const pods = this.pods.get(name)!.toSorted((a, b) => Number(b) - Number(a));
    this.pods.set(
      name,
      Array.from({ length: size }, (_, index) => pods[index] ?? false),
    );
    this.report(name, this.sets.get(name)!.metadata.generation!);
  }

  report(name: string, observedGeneration = this.sets.get(name)!.status?.observedGeneration ?? 0): void {
    const set = this.sets.get(name)!;
    const pods = this.pods.get(name)!;
    const ready = pods.filter(Boolean).length;
    this.sets.set(name, { ...set, status: { replicas: pods.length, readyReplicas: ready, availableReplicas: ready, observedGeneration } });
  }

  /** Pods that serve and are wanted. */
  serving(): number {
    return [...this.sets.values()].reduce((total, set) => total + Math.min(sizeOf(set), this.pods.get(set.metadata.name!)!.filter(Boolean).length), 0);
  }

  total(): number {
    return totalSize([...this.sets.values()]);
  }

  /** One run of the controller that dies after `survives` writes; checks what it does on its own account. */
  step(survives = Number.POSITIVE_INFINITY): DeploymentPlan {
    const plan = this.plan();
    const { maxSurge, maxUnavailable } = fenceposts(this.deployment);
    const rollout = !isScaled(this.deployment, [...this.sets.values()]) && !this.deployment.spec?.paused;
    const least = replicasOf(this.deployment) - maxUnavailable;
    for (const write of plan.writes.slice(0, survives)) {
      const before = { serving: this.serving(), total: this.total() };
      this.apply(write);
      expect(this.total()).toBeLessThanOrEqual(Math.max(before.total, replicasOf(this.deployment) + maxSurge));
      if (rollout && this.deployment.spec?.strategy?.type === 'RollingUpdate') expect(this.serving()).toBeGreaterThanOrEqual(Math.min(least, before.serving));
    }
    if (survives >= plan.writes.length) this.deployment = { ...this.deployment, status: plan.status };
    return plan;
  }

  /** Everybody does their work until nothing changes. */
  settle(): number {
    for (let round = 0; round < 500; round++) {
      const before = JSON.stringify([...this.sets.values()]) + JSON.stringify(this.deployment);
      this.step();
      for (const name of this.sets.keys()) {
        this.sync(name);
        this.pods.set(
          name,
          this.pods.get(name)!.map(() => true),
        );
        this.report(name);
      }
      if (before === JSON.stringify([...this.sets.values()]) + JSON.stringify(this.deployment)) return round;
    }
    throw new Error('the rollout does not come to an end');
  }
}

const intOrPercent = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom('0%', '25%', '50%', '100%'));

const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('step' as const), survives: fc.constantFrom(0, 1, 2, 99, 99, 99) }) },
  { weight: 5, arbitrary: fc.record({ what: fc.constantFrom('sync' as const, 'ready' as const, 'report' as const), which: fc.nat(5), pod: fc.nat(8) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('grown' as const), which: fc.nat(5), pod: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('unready' as const), which: fc.nat(5), pod: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('image' as const), image: fc.constantFrom('v0', 'v1', 'v2', 'v3') }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('replicas' as const), replicas: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('paused' as const), paused: fc.boolean() }) },
);

function live(world: World, event: typeof happening extends fc.Arbitrary<infer T> ? T : never): void {
  world.nowMs += 1000;
  if (event.what === 'step') world.step(event.survives);
  else if (event.what === 'image') world.change({ template: template(event.image) });
  else if (event.what === 'replicas') world.change({ replicas: event.replicas });
  else if (event.what === 'paused') world.change({ paused: event.paused });
  else {
    const name = [...world.sets.keys()][event.which];
    if (name === undefined) return;
    if (event.what === 'sync') world.sync(name);
    else if (event.what === 'report') world.report(name);
    else if (event.what === 'grown') {
      world.sync(name);
      world.pods.set(
        name,
        world.pods.get(name)!.map(() => true),
      );
      world.report(name);
    } else {
      const pods = world.pods.get(name)!;
      if (event.pod < pods.length) pods[event.pod] = event.what === 'ready';
      // A pod that stops serving by itself is told at once: what the controller cannot know it cannot answer for.
      if (event.what === 'unready') world.report(name);
    }
  }
}

describe('Deployment, over random histories with lagging parts and crashes', () => {
  const run = (type: string) =>
    fc.assert(
      fc.property(
        fc.nat(10),
        intOrPercent,
        intOrPercent,
        fc.boolean(),
        fc.array(happening, { maxLength: 80 }),
        (replicas, surge, unavailable, running, events) => {
          const world = new World(replicas, surge, unavailable, type);
          if (running) {
            world.settle();
            world.change({ template: template('v1') });
          }
          for (const event of events) live(world, event);
          world.change({ paused: false });
          world.settle();
          const again = world.plan();
          expect(again.writes).toEqual([]);
          expect(again.status).toEqual(world.deployment.status);
          const sized = [...world.sets.values()].filter((set) => sizeOf(set) > 0);
          expect(sized.map(sizeOf)).toEqual(replicasOf(world.deployment) > 0 ? [replicasOf(world.deployment)] : []);
          for (const set of sized) expect(sameTemplate(set.spec?.template, world.deployment.spec?.template)).toBe(true);
          expect(world.sets.size).toBeLessThanOrEqual(3);
          expect(again.status.conditions?.find((condition) => condition.type === 'Progressing')?.reason).toBe('NewReplicaSetAvailable');
        },
      ),
      { numRuns: 1000 },
    );

  it('a rolling update never takes what serves, never exceeds the surge, heals after any crash, ends, and then rests', () => run('RollingUpdate'));
  it('a recreate heals after any crash, ends, and then rests', () => run('Recreate'));

  it('a recreate never runs two templates at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(happening, { maxLength: 60 }), (replicas, events) => {
        const world = new World(replicas, 0, 0, 'Recreate');
        for (const event of events) {
          if (event.what === 'replicas' || event.what === 'paused') continue;
          live(world, event);
          const running = [...world.sets.values()].filter((set) => world.pods.get(set.metadata.name!)!.length > 0);
          expect(running.length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('Deployment, the picture of a rolling update', () => {
  it('with defaults and three replicas goes up one, down one, and so on', () => {
    const world = new World(3, '25%', '25%');
    world.settle();
    world.change({ template: template('v2') });
    const sizes: string[] = [];
    for (let round = 0; round < 40; round++) {
      const told = [...world.sets.values()].map(sizeOf).join('+');
      if (sizes.at(-1) !== told) sizes.push(told);
      world.step();
      for (const name of world.sets.keys()) world.sync(name);
      const after = [...world.sets.values()].map(sizeOf).join('+');
      if (sizes.at(-1) !== after) sizes.push(after);
      for (const name of world.sets.keys()) {
        world.pods.set(
          name,
          world.pods.get(name)!.map(() => true),
        );
        world.report(name);
      }
    }
    expect(sizes).toEqual(['3', '3+1', '2+1', '2+2', '1+2', '1+3', '0+3']);
  });

  it('goes back to an old template by moving its revision up', () => {
    const world = new World(2, 1, 0);
    world.settle();
    world.change({ template: template('v2') });
    world.settle();
    world.change({ template: template('v0') });
    world.settle();
    expect(world.deployment.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
    expect(world.sets.size).toBe(2);
    const annotations = [...world.sets.values()].find((set) => sizeOf(set) === 2)?.metadata.annotations;
    expect(annotations?.['deployment.kubernetes.io/revision-history']).toBe('1');
  });

  it('says so when a rollout is stuck beyond its deadline', () => {
    const world = new World(2, 1, 0);
    world.settle();
    world.change({ template: template('broken') });
    for (let round = 0; round < 5; round++) {
      world.step();
      for (const name of world.sets.keys()) world.sync(name);
    }
    const due = world.plan().changesAtMs!;
    expect(due).toBe(START_MS + 600_000);
    world.nowMs = due;
    world.step();
    const progressing = world.deployment.status?.conditions?.find((condition) => condition.type === 'Progressing');
    expect(progressing).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
    expect(progressing?.message).toMatch(/^ReplicaSet "d-[a-z0-9]+" has timed out progressing\.$/);
    expect(world.serving()).toBe(2);
    expect(world.plan().status).toEqual(world.deployment.status);
  });
});
