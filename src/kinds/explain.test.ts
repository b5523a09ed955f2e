import { expect, it } from 'vitest';
import { deployment, explain, pod } from './index.ts';

it('a kind is explained with its fields', async () => {
  const found = await explain(deployment, '');
  expect(found?.fields.map((field) => `${field.name} <${field.type}>`)).toEqual([
    'apiVersion <string>',
    'kind <string>',
    'metadata <ObjectMeta>',
    'spec <DeploymentSpec>',
    'status <DeploymentStatus>',
  ]);
});
it('a field is explained through lists, with what is not acted on', async () => {
  const found = await explain(pod, 'spec.containers');
  expect([found?.type, found?.required]).toEqual(['[]Container', true]);
  expect(found?.fields.find((field) => field.name === 'tty')?.policies.map((policy) => policy.action)).toEqual(['warn']);
  expect(found?.fields.find((field) => field.name === 'resources')?.type).toBe('ResourceRequirements');
});
it('a plain value has no fields and an unknown one no explanation', async () => {
  expect((await explain(deployment, 'spec.replicas'))?.fields).toEqual([]);
  expect((await explain(deployment, 'spec.strategy.rollingUpdate.maxSurge'))?.type).toBe('IntOrString');
  expect(await explain(deployment, 'spec.replcas')).toBeUndefined();
});
