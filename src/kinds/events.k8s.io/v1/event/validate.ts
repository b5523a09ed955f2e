import { checkQualifiedName, type FieldError, fieldInvalid, fieldRequired } from '../../../../apimachinery/index.ts';
import { validateEventNamespace } from '../../../core/v1/event/validate.ts';
import type { EventsEvent } from '../../../schema/types.ts';
import { checked, immutable } from '../../../validation/errors.ts';
import { validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';

const NOTE_LIMIT = 1024;
const WORD_LIMIT = 128;
const UNSET = ['deprecatedFirstTimestamp', 'deprecatedLastTimestamp', 'deprecatedCount', 'deprecatedSource'] as const;

const word = (field: 'action' | 'reason' | 'reportingInstance', value: string | undefined): readonly FieldError[] => {
  if (!value) return [fieldRequired(field)];
  return value.length > WORD_LIMIT ? [fieldInvalid(field, '', `can have at most ${WORD_LIMIT} characters`)] : [];
};

const empty = (value: unknown): boolean =>
  value === undefined || value === 0 || (typeof value === 'object' && value !== null && Object.values(value).every((one) => !one));

/** Events of this group must say who did what; those of the core group need not. An event without eventTime came from there. */
export function validateEventsEvent(object: EventsEvent): readonly FieldError[] {
  const errors = [
    ...validateMetadata(object, { namespaced: true, nameRule: 'path-segment' }),
    ...validateEventNamespace(object.metadata.namespace, object.regarding, 'regarding'),
  ];
  if (!object.eventTime) errors.push(fieldRequired('eventTime'));
  if (object.type !== 'Normal' && object.type !== 'Warning') errors.push(fieldInvalid('type', '', `has invalid value: ${object.type ?? ''}`));
  for (const field of UNSET) if (!empty(object[field])) errors.push(fieldInvalid(field, '', 'needs to be unset'));
  if (!object.reportingController) errors.push(fieldRequired('reportingController'));
  else errors.push(...checked('reportingController', object.reportingController, checkQualifiedName));
  errors.push(...word('reportingInstance', object.reportingInstance), ...word('action', object.action), ...word('reason', object.reason));
  if ((object.note ?? '').length > NOTE_LIMIT) errors.push(fieldInvalid('note', '', `can have at most ${NOTE_LIMIT} characters`));
  if (object.series) {
    if ((object.series.count ?? 0) < 2) errors.push(fieldInvalid('series.count', '', 'should be at least 2'));
    if (!object.series.lastObservedTime) errors.push(fieldRequired('series.lastObservedTime'));
  }
  return errors;
}

const FIXED = ['action', 'reason', 'reportingController', 'reportingInstance', 'type', 'eventTime', 'note'] as const;

export const validateEventsEventUpdate = (object: EventsEvent, old: EventsEvent): readonly FieldError[] => [
  ...validateMetadataUpdate(object, old),
  ...FIXED.flatMap((field) => immutable(field, object[field], object[field] === old[field])),
];
