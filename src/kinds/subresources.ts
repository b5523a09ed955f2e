import type { Subresource } from './define-kind.ts';

/** `status`, as every kind with a status serves it. */
export const statusSubresource = (kind: string): Subresource => ({ name: 'status', kind, verbs: ['get', 'patch', 'update'] });

/** `scale`, as every kind with replicas serves it. */
export const scaleSubresource: Subresource = { name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] };
