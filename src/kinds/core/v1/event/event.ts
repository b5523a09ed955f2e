import { humanAge, type KubeObject } from '../../../../apimachinery/index.ts';
import { ALL_VERBS, type Column, defineKind } from '../../../define-kind.ts';
import type { Event } from '../../../schema/types.ts';
import { validateEvent, validateEventUpdate } from './validate.ts';

/** Seconds that an event is kept. */
export const EVENT_TIME_TO_LIVE_SECONDS = 3600;

const firstSeen = (object: Event, nowMs: number): string => humanAge(object.firstTimestamp ?? object.eventTime, nowMs);
const lastSeen = (object: Event, nowMs: number): string =>
  object.series ? humanAge(object.series.lastObservedTime, nowMs) : object.lastTimestamp ? humanAge(object.lastTimestamp, nowMs) : firstSeen(object, nowMs);

function target(object: Event): string {
  const kind = (object.involvedObject?.kind ?? '').toLowerCase();
  return object.involvedObject?.name ? `${kind}/${object.involvedObject.name}` : kind;
}

function source(object: Event): string {
  const component = object.source?.component || object.reportingComponent || '';
  const host = object.source?.host || (object.source?.component ? '' : object.reportingInstance) || '';
  return host ? `${component}, ${host}` : component;
}

/** The columns of an event's table, the same in both groups. */
export const eventColumns: readonly Column<Event>[] = [
  { name: 'Last Seen', description: 'Time since this event was last seen.', cell: lastSeen },
  { name: 'Type', description: 'Normal or Warning.', cell: (object) => object.type ?? '' },
  { name: 'Reason', description: 'Why this happened, as one word.', cell: (object) => object.reason ?? '' },
  { name: 'Object', description: 'The object that this is about.', cell: target },
  { name: 'Subobject', priority: 1, description: 'The part of the object that this is about.', cell: (object) => object.involvedObject?.fieldPath ?? '' },
  { name: 'Source', priority: 1, description: 'The component that reported this.', cell: source },
  { name: 'Message', description: 'What happened.', cell: (object) => (object.message ?? '').trim() },
  { name: 'First Seen', priority: 1, description: 'Time since this event was first seen.', cell: firstSeen },
  {
    name: 'Count',
    priority: 1,
    description: 'How often this was seen.',
    cell: (object) => String(object.series ? (object.series.count ?? 0) : object.count || 1),
  },
  { name: 'Name', priority: 1, format: 'name', description: 'Name of the event object.', cell: (object: KubeObject) => object.metadata?.name ?? '' },
];

export const event = defineKind<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  categories: [],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: 'io.k8s.api.core.v1.Event',
  subresources: [],
  columns: eventColumns,
  selectableFields: {
    'involvedObject.kind': (object) => object.involvedObject?.kind ?? '',
    'involvedObject.namespace': (object) => object.involvedObject?.namespace ?? '',
    'involvedObject.name': (object) => object.involvedObject?.name ?? '',
    'involvedObject.uid': (object) => object.involvedObject?.uid ?? '',
    'involvedObject.apiVersion': (object) => object.involvedObject?.apiVersion ?? '',
    'involvedObject.resourceVersion': (object) => object.involvedObject?.resourceVersion ?? '',
    'involvedObject.fieldPath': (object) => object.involvedObject?.fieldPath ?? '',
    reason: (object) => object.reason ?? '',
    reportingComponent: (object) => object.reportingComponent ?? '',
    source: (object) => object.source?.component || object.reportingComponent || '',
    type: (object) => object.type ?? '',
  },
  strategy: { nameRule: 'path-segment', validate: validateEvent, validateUpdate: validateEventUpdate },
  fieldPolicies: [],
  actedUpon: [
    {
      room: 'clients',
      fields: [
        'action',
        'count',
        'eventTime',
        'firstTimestamp',
        'involvedObject',
        'lastTimestamp',
        'message',
        'reason',
        'related',
        'reportingComponent',
        'reportingInstance',
        'series',
        'source',
        'type',
      ],
    },
  ],
  timeToLiveSeconds: EVENT_TIME_TO_LIVE_SECONDS,
  example: {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'order.17f1c2d3', namespace: 'default' },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'order', namespace: 'default' },
    reason: 'Started',
    message: 'Started container order',
    type: 'Normal',
    count: 1,
    firstTimestamp: '2026-01-02T03:04:05Z',
    lastTimestamp: '2026-01-02T03:04:05Z',
    source: { component: 'kubelet', host: 'machine' },
  },
});
