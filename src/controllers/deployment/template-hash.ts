import type { PodTemplateSpec } from '../../kinds/index.ts';
import { canonicalJson } from '../canonical-json.ts';

/** Keeps the pods of one ReplicaSet apart from those of its siblings. */
export const HASH_LABEL = 'pod-template-hash';

/** Letters and digits that cannot form words. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** A short name for a template: the same for the same template and count of collisions, in every run. */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  const hash = fnv1a(canonicalJson(template) + (collisionCount === undefined ? '' : `#${collisionCount}`));
  return String(hash).replace(/\d/g, (digit) => SAFE[Number(digit)]!);
}

function withoutHash(template: PodTemplateSpec | undefined): unknown {
  const { [HASH_LABEL]: _, ...labels } = template?.metadata?.labels ?? {};
  return { ...template, metadata: { ...template?.metadata, labels } };
}

/** Whether two templates describe the same pods. */
export const sameTemplate = (a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean =>
  canonicalJson(withoutHash(a)) === canonicalJson(withoutHash(b));
