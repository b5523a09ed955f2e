import type { Pod } from '../../kinds/index.ts';
import type { AppView } from './app-view.ts';
import { type ReplicaState, replicaState, restartsOf } from './pod-state.ts';
import type { ProcessFacts } from './process-facts.ts';

/** One replica of an app, or its place while none is there. */
export interface AppRow {
  readonly app: AppView;
  readonly id: number | undefined;
  readonly pod: Pod | undefined;
  readonly state: ReplicaState;
  readonly restarts: number;
  readonly startedAtMs: number | undefined;
  readonly facts: ProcessFacts | undefined;
}

/** A row for every replica: pods that stay first, in the order of their age, then those that are going, then the places of a stopped app. */
export function appRows(app: AppView, facts: ReadonlyMap<string, ProcessFacts>): readonly AppRow[] {
  const staying = app.pods.filter((pod) => !pod.metadata.deletionTimestamp);
  const going = app.pods.filter((pod) => pod.metadata.deletionTimestamp);
  const rows = [...staying, ...going].map((pod, index): AppRow => {
    const started = pod.status?.containerStatuses?.find(({ state }) => state?.running)?.state?.running?.startedAt;
    return {
      app,
      id: index < staying.length ? app.ids[index] : undefined,
      pod,
      state: replicaState(pod),
      restarts: restartsOf(pod),
      startedAtMs: started ? Date.parse(started) : undefined,
      facts: facts.get(pod.metadata.uid ?? ''),
    };
  });
  const places = app.stoppedReplicas ?? (app.deployment.spec?.replicas === 0 ? 1 : (app.deployment.spec?.replicas ?? 1));
  for (let index = rows.length; index < places; index++) {
    const state = app.deployment.spec?.replicas === 0 ? 'stopped' : 'pending';
    rows.push({ app, id: app.ids[index], pod: undefined, state, restarts: 0, startedAtMs: undefined, facts: undefined });
  }
  return rows;
}
