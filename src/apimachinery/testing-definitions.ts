import { readFileSync } from 'node:fs';
import type { Definitions } from './schema.ts';

/** The generated definitions, for this room's tests only (at run time they are handed in by their callers). */
export const testDefinitions: Definitions = (
  JSON.parse(readFileSync(new URL('../kinds/schema/definitions.json', import.meta.url), 'utf8')) as { readonly definitions: Definitions }
).definitions;

export const DEPLOYMENT = 'io.k8s.api.apps.v1.Deployment';
export const POD = 'io.k8s.api.core.v1.Pod';
export const SERVICE = 'io.k8s.api.core.v1.Service';
