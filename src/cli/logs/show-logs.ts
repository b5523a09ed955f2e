import { createScopedInformer } from '../../client/index.ts';
import type { Pod } from '../../kinds/index.ts';
import { Closer, errorText } from '../../std/index.ts';
import type { Connection, Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { known } from '../refs.ts';
import { followLog, type LogOptions, logRequest } from './follow-log.ts';
import { type LineFormat, type LogSource, linePrinter } from './line-printer.ts';
import { type LogLine, logLines } from './log-line.ts';
import { LogMerger, type SourcedLine } from './log-merger.ts';

export interface ShowOptions {
  readonly format: LineFormat;
  readonly timestamps: boolean;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly tailLines: number | undefined;
  readonly sinceSeconds: number | undefined;
  readonly sinceTime: string | undefined;
  readonly stream: 'All' | 'Stdout' | 'Stderr';
  /** Left out: every container. */
  readonly container: string | undefined;
}

/** Which pods' logs to show. */
export interface LogSelection {
  /** Left out: all namespaces. */
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  wanted(pod: Pod): boolean;
  describe(pod: Pod): { readonly label: string; readonly app?: string; readonly id?: number };
}

const started = (pod: Pod, container: string): boolean =>
  [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].some(
    ({ name, state, lastState }) => name === container && (state?.running || state?.terminated || lastState?.terminated),
  );

const attemptOf = (pod: Pod, container: string): number => pod.status?.containerStatuses?.find(({ name }) => name === container)?.restartCount ?? 0;

/** The logs of a pod that are asked for: each container, and each stream apart where lines must say which they are of. */
function sourcesOf(pod: Pod, selection: LogSelection, options: ShowOptions): readonly LogSource[] {
  const names = (pod.spec?.containers ?? []).map(({ name }) => name).filter((name) => options.container === undefined || name === options.container);
  const streams = options.stream === 'All' ? (options.format === 'json' ? (['Stdout', 'Stderr'] as const) : [undefined]) : [options.stream];
  const { label, app, id } = selection.describe(pod);
  return names.flatMap((container) =>
    streams.map((stream) => ({
      key: `${pod.metadata.uid}/${container}/${stream ?? ''}`,
      pod,
      container,
      label: (pod.spec?.containers.length ?? 1) > 1 ? `${label}/${container}` : label,
      ...(app === undefined ? {} : { app }),
      ...(id === undefined ? {} : { id }),
      ...(stream ? { stream } : {}),
    })),
  );
}

const requestOptions = (source: LogSource, options: ShowOptions): LogOptions => ({
  container: source.container,
  ...(source.stream ? { stream: source.stream } : {}),
  ...(options.tailLines === undefined ? {} : { tailLines: options.tailLines }),
  ...(options.sinceSeconds === undefined ? {} : { sinceSeconds: options.sinceSeconds }),
  ...(options.sinceTime === undefined ? {} : { sinceTime: options.sinceTime }),
  ...(options.previous ? { previous: true } : {}),
});

/** Shows what there is, all logs merged by time. */
export async function printLogs(
  context: Context,
  connection: Connection,
  pods: readonly Pod[],
  selection: LogSelection,
  options: ShowOptions,
): Promise<number> {
  const printer = linePrinter(context, options.format, options.timestamps);
  const merger = new LogMerger(context.clock, printer.write);
  const sources = pods.flatMap((pod) => sourcesOf(pod, selection, options));
  if (pods.length > 0 && sources.length === 0)
    throw new CliError(`container ${options.container} is not in ${pods.map(({ metadata }) => metadata.name).join(', ')}`);
  for (const source of sources) printer.source(source);
  const all: SourcedLine[] = [];
  const failures: unknown[] = [];
  await Promise.all(
    sources.map(async (source) => {
      try {
        const request = logRequest(source.pod, { ...requestOptions(source, options), follow: false }, context.signal);
        for await (const lines of logLines(await connection.transport.stream(request))) for (const line of lines) all.push({ ...line, source: source.key });
      } catch (error) {
        failures.push(error);
      }
    }),
  );
  if (all.length > 0) merger.push(all);
  merger.flush();
  if (failures.length > 0 && failures.length === sources.length) throw failures[0];
  for (const failure of failures) context.warn(errorText(failure));
  return 0;
}

/** Shows the last lines and goes on with what comes, of replicas that come later too, until interrupted. */
export async function followLogs(context: Context, connection: Connection, selection: LogSelection, options: ShowOptions): Promise<number> {
  const closer = new Closer();
  const printer = linePrinter(context, options.format, options.timestamps);
  const merger = new LogMerger(context.clock, printer.write);
  /** Attempts being or having been shown, by source. */
  const shown = new Map<string, number>();
  const query = {
    ...(selection.namespace ? { namespace: selection.namespace } : {}),
    ...(selection.labelSelector ? { labelSelector: selection.labelSelector } : {}),
  };
  let first = true;

  async function show(source: LogSource, attempt: number, later: boolean): Promise<void> {
    const write = (lines: readonly LogLine[]): void => merger.push(lines.map((line) => ({ ...line, source: source.key })));
    const { tailLines: _tail, sinceSeconds: _since, sinceTime: _time, ...whole } = requestOptions(source, options);
    try {
      await followLog(connection.transport, source.pod, later ? whole : requestOptions(source, options), context, write);
    } catch {
      // Not started yet, or gone again: the next state of the pod brings it back here.
      if (shown.get(source.key) === attempt) shown.delete(source.key);
    }
  }

  try {
    const pods = closer.add(
      createScopedInformer(known(connection.client, 'pods'), query, {
        clock: context.clock,
        onError: (error) => context.verbose && context.notice(String(error)),
      }),
    );
    const onPod = (pod: Pod): void => {
      if (!selection.wanted(pod)) return;
      for (const source of sourcesOf(pod, selection, options)) {
        if (!started(pod, source.container)) continue;
        printer.source(source);
        const attempt = attemptOf(pod, source.container);
        const before = shown.get(source.key);
        if (before !== undefined && before >= attempt) continue;
        shown.set(source.key, attempt);
        void show(source, attempt, !first || before !== undefined);
      }
    };
    closer.add(pods.subscribe({ added: onPod, updated: onPod }));
    await pods.synced(context.signal);
    first = false;
    if (shown.size === 0) context.notice('Nothing has been started yet; waiting for it (Ctrl-C ends) …');
    await new Promise<void>((resolve) => {
      if (context.signal.aborted) resolve();
      context.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    return 130;
  } finally {
    merger.flush();
    await closer.close();
  }
}
