import { type KubeObject, trackUpdate } from '../../apimachinery/index.ts';
import type { Registry } from './registry.ts';
import type { Resource } from './resource.ts';

/** Gives an object the managedFields that a write by one manager leaves. */
export type Tracker = (next: KubeObject, old: KubeObject | undefined) => KubeObject;

/** The tracker of creates, updates and patches (a server-side apply keeps its own account). */
export const trackerFor =
  ({ definitions, clock }: Registry, { kind, apiVersion }: Resource, manager: string, subresource: string): Tracker =>
  (next, old) =>
    trackUpdate({ definitions, schema: kind.schema, old, new: next, manager, apiVersion, subresource, nowMs: clock.now() });

/** For objects whose managedFields are right already. */
export const asOwned: Tracker = (next) => next;
