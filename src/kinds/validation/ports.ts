import {
  checkDns1123Label,
  checkPortName,
  checkPortNumber,
  type FieldError,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from '../../apimachinery/index.ts';
import { checked } from './errors.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'] as const;

/** A port's number; one that is left out is 0. */
export const validatePortNumber = (field: string, port: number | undefined): readonly FieldError[] =>
  checkPortNumber(port ?? 0).map((text) => fieldInvalid(field, port ?? 0, text));

export function validateProtocol(field: string, protocol: string | undefined): readonly FieldError[] {
  if (!protocol) return [fieldRequired(field)];
  return (PROTOCOLS as readonly string[]).includes(protocol) ? [] : [fieldNotSupported(field, protocol, PROTOCOLS)];
}

/** A port's number, or the name of a container's port. */
export const validatePortNumberOrName = (field: string, port: number | string | undefined): readonly FieldError[] =>
  typeof port !== 'string' ? validatePortNumber(field, port) : checked(field, port, checkPortName);

/** A name that is only needed (and must differ) when there are several ports. */
export const validateSharedPortName = (field: string, name: string | undefined, needed: boolean): readonly FieldError[] =>
  name ? checked(field, name, checkDns1123Label) : needed ? [fieldRequired(field)] : [];
