import type { Schema } from './schema.ts';

/** The last part of a definition's name: Pod. */
export const shortName = (definition: string): string => definition.slice(definition.lastIndexOf('.') + 1);

/** The type as Go would name it in an error. */
export function goType(schema: Schema): string {
  switch (schema.type) {
    case 'string':
      if (schema.format === 'quantity') return 'resource.Quantity';
      if (schema.format === 'byte') return '[]uint8';
      if (schema.format === 'date-time') return 'v1.Time';
      return schema.format === 'micro-time' ? 'v1.MicroTime' : 'string';
    case 'integer':
      return schema.format === 'int32' ? 'int32' : 'int64';
    case 'number':
      return 'float64';
    case 'boolean':
      return 'bool';
    case 'array':
      return `[]${goType(schema.items)}`;
    case 'map':
      return `map[string]${goType(schema.values)}`;
    case 'ref':
      return `v1.${shortName(schema.ref)}`;
    case 'object':
    case 'any':
      return 'map[string]interface {}';
  }
}

/** What null becomes inside lists and maps: Go's zero value. */
export function zeroOf(schema: Schema): unknown {
  switch (schema.type) {
    case 'string':
      return schema.format === 'quantity' ? '0' : '';
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'any':
      return null;
    case 'map':
    case 'object':
    case 'ref':
      return {};
  }
}
