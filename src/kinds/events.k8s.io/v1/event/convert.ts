import type { KubeObject } from '../../../../apimachinery/index.ts';
import type { Event, EventsEvent } from '../../../schema/types.ts';

/** Fields that are called otherwise in the core group, which is how events are stored. */
const RENAMED = [
  ['note', 'message'],
  ['regarding', 'involvedObject'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
] as const;

const TO_STORED = new Map<string, string>(RENAMED.map(([outer, stored]) => [outer, stored]));
const FROM_STORED = new Map<string, string>(RENAMED.map(([outer, stored]) => [stored, outer]));

const renamed = (object: object, names: ReadonlyMap<string, string>): object =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [names.get(key) ?? key, value]));

/** The core/v1 form of an events.k8s.io event. */
export const toStored = (object: EventsEvent): Event => ({
  involvedObject: {},
  ...renamed(object, TO_STORED),
  apiVersion: 'v1',
  kind: 'Event',
  metadata: object.metadata,
});

/** The events.k8s.io form of a core/v1 event. */
export const fromStored = (object: KubeObject): EventsEvent =>
  // The schema requires eventTime, but events written through the core group have none; Kubernetes serves them without it too.
  ({ ...renamed(object, FROM_STORED), apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: object.metadata }) as EventsEvent;
