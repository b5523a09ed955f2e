import { createScopedInformer } from '../../client/index.ts';
import type { Deployment, Pod } from '../../kinds/index.ts';
import { Closer } from '../../std/index.ts';
import type { Connection, Context } from '../context.ts';
import { known } from '../refs.ts';
import { tailOfLog } from './pod-log.ts';
import { hasEndedWell, isReady, type PodProblem, podProblem } from './pod-state.ts';
import { portHolder, portWished } from './port-holder.ts';
import { rolloutState } from './rollout-state.ts';

export interface WaitOptions {
  readonly limitMs: number;
  /** Called with each new line of progress. */
  readonly progress: (text: string) => void;
  /** Give up at the first pod that is not going to get ready; default true. */
  readonly failFast?: boolean;
}

export type WaitResult = { readonly ready: true } | { readonly ready: false; readonly why: string };

/** Node's report of an uncaught failure, with its first line, has about 25. */
const LOG_LINES = 30;
const REVISION = 'deployment.kubernetes.io/revision';

/** Waits until a Deployment's newest template runs in every replica, or says why it does not. Interrupting leaves the rollout going on. */
export async function waitForRollout(
  context: Context,
  { client, transport, local }: Connection,
  target: { readonly name: string; readonly namespace: string },
  options: WaitOptions,
): Promise<WaitResult> {
  const { clock, signal } = context;
  const closer = new Closer();
  const informerOptions = { clock, onError: () => undefined };
  const one = { namespace: target.namespace, fieldSelector: `metadata.name=${target.name}` };
  try {
    const deployments = closer.add(createScopedInformer(known(client, 'deployments'), one, informerOptions));
    const replicaSets = closer.add(createScopedInformer(known(client, 'replicasets'), { namespace: target.namespace }, informerOptions));
    const pods = closer.add(createScopedInformer(known(client, 'pods'), { namespace: target.namespace }, informerOptions));
    await Promise.all([deployments.synced(signal), replicaSets.synced(signal), pods.synced(signal)]);

    const newPods = (deployment: Deployment): readonly Pod[] => {
      const set = replicaSets
        .list()
        .find(
          ({ metadata }) =>
            metadata.ownerReferences?.some(({ uid }) => uid === deployment.metadata.uid) &&
            metadata.annotations?.[REVISION] === deployment.metadata.annotations?.[REVISION],
        );
      return set ? pods.list().filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === set.metadata.uid)) : [];
    };
    type Outcome = { readonly ready: true } | { readonly ready: false; readonly text: string; readonly pod?: Pod; readonly problem?: PodProblem };
    let told = '';
    const evaluate = (timedOut: boolean): Outcome | undefined => {
      const deployment = deployments.get(target.name, target.namespace);
      if (!deployment) return { ready: false, text: `${target.name} was deleted meanwhile` };
      const rollout = rolloutState(deployment);
      if (rollout.state === 'done') return { ready: true };
      if (rollout.text !== told) options.progress(rollout.text);
      told = rollout.text;
      const current = (deployment.metadata.generation ?? 0) <= (deployment.status?.observedGeneration ?? 0);
      const fresh = current ? newPods(deployment) : [];
      if (fresh.some(hasEndedWell) && fresh.length >= (deployment.spec?.replicas ?? 1) && fresh.every((pod) => isReady(pod) || hasEndedWell(pod)))
        return { ready: true };
      for (const pod of fresh) {
        const problem = podProblem(pod);
        if (problem && (timedOut || rollout.state === 'failed' || (problem.final && options.failFast !== false))) {
          const head = timedOut ? `not ready after ${options.limitMs / 1_000} s: ` : '';
          return { ready: false, text: `${head}${problem.reason}${problem.message ? `: ${problem.message}` : ''}`, pod, problem };
        }
      }
      if (rollout.state === 'failed') return { ready: false, text: rollout.text };
      return timedOut ? { ready: false, text: `not ready after ${options.limitMs / 1_000} s: ${rollout.text}` } : undefined;
    };

    const outcome = await new Promise<Outcome>((resolve, reject) => {
      const check = (timedOut = false): void => {
        const result = evaluate(timedOut);
        if (result) resolve(result);
      };
      const onEvent = { added: () => check(), updated: () => check(), deleted: () => check() };
      const timer = clock.after(options.limitMs, () => check(true));
      closer.add(timer);
      closer.add(deployments.subscribe(onEvent));
      closer.add(pods.subscribe(onEvent));
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      check();
    });
    if (outcome.ready) return outcome;
    const { pod, problem } = outcome;
    const log =
      pod && problem?.container ? await tailOfLog(transport, pod, { container: problem.container, previous: problem.previous ?? false, lines: LOG_LINES }) : [];
    return {
      ready: false,
      why: [outcome.text, ...(local ? portTaken(log) : []), ...(log.length > 0 ? ['last lines of its log:', ...log.map((line) => `  ${line}`)] : [])].join(
        '\n',
      ),
    };
  } finally {
    await closer.close();
  }
}

/** What a program that found its port taken cannot say itself: by whom. */
function portTaken(log: readonly string[]): readonly string[] {
  const port = portWished(log);
  if (port === undefined) return [];
  const holder = portHolder(port);
  return holder
    ? [`port ${port} is taken by ${holder}; stop that one, or give this app another port`]
    : [`port ${port} was taken when the app started, and is free now`];
}
