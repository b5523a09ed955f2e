import { type FieldError, fieldInvalid } from '../../../../apimachinery/index.ts';
import type { Event, ObjectReference } from '../../../schema/types.ts';
import { validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';

/** An event lives beside what it is about; what has no namespace has its events in `default`. */
export function validateEventNamespace(namespace: string | undefined, about: ObjectReference | undefined, field: string): readonly FieldError[] {
  const wanted = about?.namespace || 'default';
  return namespace === wanted ? [] : [fieldInvalid(`${field}.namespace`, about?.namespace ?? '', 'does not match event.namespace')];
}

export const validateEvent = (object: Event): readonly FieldError[] => [
  ...validateMetadata(object, { namespaced: true, nameRule: 'path-segment' }),
  ...validateEventNamespace(object.metadata.namespace, object.involvedObject, 'involvedObject'),
];

export const validateEventUpdate = (object: Event, old: Event): readonly FieldError[] => validateMetadataUpdate(object, old);
