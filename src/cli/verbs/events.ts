import { humanAge } from '../../apimachinery/index.ts';
import { createScopedInformer } from '../../client/index.ts';
import type { Event } from '../../kinds/index.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import { textTable } from '../output/text-table.ts';
import { known } from '../refs.ts';
import type { Verb } from '../verb.ts';

const HEADER = ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'];

export const verb: Verb = {
  usage: 'drover events [--for KIND/NAME] [OPTIONS]',
  summary: 'Show what happened, oldest first.',
  examples: ['drover events -A', 'drover events --for pod/web-1 -n shop', 'drover events --types=Warning -w'],
  options: {
    namespace: { type: 'string', short: 'n', value: 'NAME', help: 'of this namespace' },
    'all-namespaces': { type: 'boolean', short: 'A', help: 'of all namespaces' },
    for: { type: 'string', value: 'KIND/NAME', help: 'about this object' },
    types: { type: 'string', value: 'TYPES', help: 'Normal, Warning, or both separated by a comma' },
    watch: { type: 'boolean', short: 'w', help: 'go on with what comes' },
    'no-headers': { type: 'boolean', help: 'no titles' },
  },
  async run(context, args) {
    const connection = await context.connect();
    const all = args.flag('all-namespaces');
    const namespace = all ? undefined : (args.text('namespace') ?? connection.namespace);
    const about = args.text('for')?.split('/');
    if (about && about.length !== 2) throw new UsageError('--for: expected KIND/NAME, for instance pod/web-1');
    const types = args.text('types')?.toLowerCase().split(',');
    const wanted = (event: Event): boolean =>
      (!about || (event.involvedObject.name === about[1] && isKind(event.involvedObject.kind ?? '', about[0] ?? ''))) &&
      (!types || types.includes((event.type ?? '').toLowerCase()));
    const events = known(connection.client, 'events');
    if (!args.flag('watch')) {
      const { items } = await events.list({ signal: context.signal, ...(namespace ? { namespace } : {}) });
      const rows = items.filter(wanted).sort((a, b) => lastSeen(a).localeCompare(lastSeen(b)));
      if (rows.length === 0) context.notice(namespace ? `No events found in ${namespace} namespace.` : 'No events found.');
      else
        context.print(
          textTable(
            args.flag('no-headers') ? undefined : header(all),
            rows.map((event) => row(context, event, all)),
          ),
        );
      return 0;
    }
    const informer = createScopedInformer(events, namespace ? { namespace } : {}, { clock: context.clock, onError: () => undefined });
    const print = (event: Event): void => {
      if (wanted(event)) context.print(row(context, event, all).join('   '));
    };
    try {
      await informer.synced(context.signal);
      for (const event of [...informer.list()].sort((a, b) => lastSeen(a).localeCompare(lastSeen(b)))) print(event);
      let replaying = true;
      informer.subscribe({ added: (event) => replaying || print(event), updated: print });
      replaying = false;
      await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve(), { once: true }));
    } finally {
      await informer.close();
    }
    return 130;
  },
};

const isKind = (kind: string, given: string): boolean => {
  const name = kind.toLowerCase();
  const short = { po: 'pod', deploy: 'deployment', svc: 'service', rs: 'replicaset', no: 'node' }[given.toLowerCase()] ?? given.toLowerCase();
  return name === short || `${name}s` === short;
};

const lastSeen = (event: Event): string => event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '';
const header = (all: boolean): readonly string[] => (all ? ['NAMESPACE', ...HEADER] : HEADER);

function row(context: Context, event: Event, all: boolean): readonly string[] {
  const nowMs = context.clock.now();
  const last = humanAge(lastSeen(event), nowMs);
  const seen = (event.count ?? 1) > 1 ? `${last} (x${event.count} over ${humanAge(event.firstTimestamp, nowMs)})` : last;
  const object = `${event.involvedObject.kind ?? ''}/${event.involvedObject.name ?? ''}`;
  return [...(all ? [event.metadata.namespace ?? ''] : []), seen, event.type ?? '', event.reason ?? '', object, (event.message ?? '').trim()];
}
