import { EVENT_TIME_TO_LIVE_SECONDS, eventColumns } from '../../../core/v1/event/event.ts';
import { ALL_VERBS, defineKind } from '../../../define-kind.ts';
import type { EventsEvent } from '../../../schema/types.ts';
import { fromStored, toStored } from './convert.ts';
import { validateEventsEvent, validateEventsEventUpdate } from './validate.ts';

/** Events as events.k8s.io has them: the same objects as core/v1's, under other field names. */
export const eventsEvent = defineKind<EventsEvent>({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  categories: [],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: 'io.k8s.api.events.v1.Event',
  storedAs: { group: '', plural: 'events', toStored, fromStored },
  subresources: [],
  columns: eventColumns.map((column) => ({ ...column, cell: (object: EventsEvent, nowMs: number) => column.cell(toStored(object), nowMs) })),
  selectableFields: {
    'regarding.kind': (object) => object.regarding?.kind ?? '',
    'regarding.namespace': (object) => object.regarding?.namespace ?? '',
    'regarding.name': (object) => object.regarding?.name ?? '',
    'regarding.uid': (object) => object.regarding?.uid ?? '',
    'regarding.apiVersion': (object) => object.regarding?.apiVersion ?? '',
    'regarding.resourceVersion': (object) => object.regarding?.resourceVersion ?? '',
    'regarding.fieldPath': (object) => object.regarding?.fieldPath ?? '',
    reason: (object) => object.reason ?? '',
    reportingController: (object) => object.reportingController ?? '',
    type: (object) => object.type ?? '',
  },
  strategy: { nameRule: 'path-segment', validate: validateEventsEvent, validateUpdate: validateEventsEventUpdate },
  fieldPolicies: [],
  actedUpon: [
    {
      room: 'clients',
      fields: [
        'action',
        'deprecatedCount',
        'deprecatedFirstTimestamp',
        'deprecatedLastTimestamp',
        'deprecatedSource',
        'eventTime',
        'note',
        'reason',
        'regarding',
        'related',
        'reportingController',
        'reportingInstance',
        'series',
        'type',
      ],
    },
  ],
  timeToLiveSeconds: EVENT_TIME_TO_LIVE_SECONDS,
  example: {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'order.17f1c2d3', namespace: 'default' },
    eventTime: '2026-01-02T03:04:05.000000Z',
    regarding: { apiVersion: 'v1', kind: 'Pod', name: 'order', namespace: 'default' },
    reportingController: 'drover.dev/kubelet',
    reportingInstance: 'machine',
    action: 'Starting',
    reason: 'Started',
    note: 'Started container order',
    type: 'Normal',
  },
});
