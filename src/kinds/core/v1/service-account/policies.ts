import type { FieldPolicy } from '../../../define-kind.ts';

export const serviceAccountPolicies: readonly FieldPolicy[] = [
  {
    path: 'automountServiceAccountToken',
    action: 'warn',
    except: [false],
    reason: 'no service account tokens are issued yet, so pods get none',
  },
  { path: 'imagePullSecrets', action: 'warn', except: [[]], reason: 'images are local builds: nothing is pulled from a registry' },
  { path: 'secrets', action: 'warn', except: [[]], reason: 'no tokens are made from or checked against this list' },
];
