import type { Pod } from '../../kinds/index.ts';
import type { Context } from '../context.ts';
import type { Style } from '../io.ts';
import type { SourcedLine } from './log-merger.ts';

export type LineFormat = 'prefixed' | 'raw' | 'json';

/** A log being shown: a container of a pod, and what it is called. */
export interface LogSource {
  readonly key: string;
  readonly pod: Pod;
  readonly container: string;
  /** `0|api` for apps, else the pod's name (with the container's when it has several). */
  readonly label: string;
  readonly app?: string;
  readonly id?: number;
  readonly stream?: 'Stdout' | 'Stderr';
}

const COLORS: readonly Style[] = ['cyan', 'green', 'yellow', 'magenta', 'blue', 'red'];

/** Writes lines to stdout in the asked form; labels are padded to the widest so far. */
export function linePrinter(
  context: Context,
  format: LineFormat,
  timestamps: boolean,
): { source(source: LogSource): void; write(lines: readonly SourcedLine[]): void } {
  const sources = new Map<string, LogSource & { readonly style: Style }>();
  let width = 0;
  return {
    source(source) {
      if (sources.has(source.key)) return;
      sources.set(source.key, { ...source, style: COLORS[sources.size % COLORS.length] ?? 'cyan' });
      width = Math.max(width, source.label.length);
    },
    write(lines) {
      const texts = lines.map((line) => {
        const source = sources.get(line.source);
        if (format === 'raw' || !source) return `${timestamps && line.time ? `${line.time} ` : ''}${line.text}\n`;
        if (format === 'json') return `${JSON.stringify(jsonLine(line, source))}\n`;
        return `${context.paint(source.style, `${source.label.padEnd(width)} |`)} ${timestamps && line.time ? `${line.time} ` : ''}${line.text}\n`;
      });
      context.io.stdout.write(texts.join(''));
    },
  };
}

const jsonLine = (line: SourcedLine, source: LogSource): unknown => ({
  message: line.text,
  timestamp: line.time,
  type: source.stream === 'Stderr' ? 'err' : 'out',
  ...(source.id === undefined ? {} : { process_id: source.id }),
  app_name: source.app ?? source.pod.metadata.labels?.['app.kubernetes.io/name'] ?? source.pod.metadata.name,
  namespace: source.pod.metadata.namespace,
  pod: source.pod.metadata.name,
  container: source.container,
});
