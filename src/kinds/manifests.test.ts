import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkSchema, fieldErrorText, type KubeObject, parseManifests } from '../apimachinery/index.ts';
import { applyFieldPolicies, definitions, kindOfObject } from './index.ts';

const NOW_MS = Date.parse('2026-01-02T03:04:05Z');

/** Manifests as beginners' articles have them, in the words of the documents that this project started from. */
const ARTICLES = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: my-app
spec:
  replicas: 3
  selector:
    matchLabels:
      app: my-app
  template:
    metadata:
      labels:
        app: my-app
    spec:
      containers:
      - name: my-app
        image: my-app:latest
        ports:
        - containerPort: 3000
        resources:
          requests:
            cpu: "100m"
            memory: "128Mi"
          limits:
            cpu: "500m"
            memory: "256Mi"
        livenessProbe:
          httpGet:
            path: /health
            port: 3000
          initialDelaySeconds: 10
          periodSeconds: 10
        readinessProbe:
          httpGet:
            path: /ready
            port: 3000
          initialDelaySeconds: 5
          periodSeconds: 5
      terminationGracePeriodSeconds: 30
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 10
  selector:
    matchLabels:
      app: api
  template:
    metadata:
      labels:
        app: api
    spec:
      containers:
      - name: api
        image: myregistry/api:v1.2.3
        ports:
        - containerPort: 3000
        env:
        - name: NODE_ENV
          value: production
        resources:
          requests:
            cpu: 500m
            memory: 512Mi
          limits:
            cpu: 1000m
            memory: 1Gi
---
apiVersion: v1
kind: Service
metadata:
  name: api
spec:
  selector:
    app: api
  ports:
  - port: 80
    targetPort: 3000
  type: LoadBalancer
`;

const shop = join(import.meta.dirname, '../../examples/shop');
const files = readdirSync(shop, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
const texts: readonly (readonly [string, string])[] = [['articles', ARTICLES], ...files.map((file) => [file, readFileSync(join(shop, file), 'utf8')] as const)];

describe.each(texts)('the manifests of %s', (file, text) => {
  it('are accepted without a warning', async () => {
    const all = await definitions();
    for (const { value } of parseManifests(text, file)) {
      const given = value as KubeObject;
      const kind = kindOfObject(given);
      if (!kind) throw new Error(`${file}: ${given.apiVersion} ${given.kind} is not served`);
      const read = checkSchema(all, kind.schema, given);
      const named: KubeObject = {
        ...(read.value as KubeObject),
        metadata: { ...given.metadata, ...(kind.namespaced ? { namespace: given.metadata.namespace ?? 'default' } : {}) },
      };
      const defaulted = kind.strategy.defaults?.(named) ?? named;
      const object: KubeObject = kind.strategy.prepareForCreate?.(defaulted, { nowMs: NOW_MS }) ?? defaulted;
      const policies = applyFieldPolicies(kind, object);
      expect({
        name: given.metadata.name,
        unknown: read.unknown,
        errors: [...read.errors, ...[...(kind.strategy.validate?.(object) ?? []), ...policies.errors].map(fieldErrorText)],
        warnings: [...policies.warnings, ...(kind.strategy.warnings?.(object, undefined) ?? [])],
      }).toEqual({ name: given.metadata.name, unknown: [], errors: [], warnings: [] });
    }
  });
});
