import type { FieldPolicy } from '../../../define-kind.ts';
import { confinementPolicies, containerPolicies } from './policies-container.ts';
import { volumePolicies } from './policies-volume.ts';

const under = (prefix: string, policies: readonly FieldPolicy[]): readonly FieldPolicy[] =>
  policies.map((policy) => ({ ...policy, path: `${prefix}.${policy.path}` }));

const NO_TOKENS = 'no service account tokens are issued yet, so the pod gets none';
const NO_PREEMPTION = 'pods of one machine are not preempted: whoever was first stays';

const specPolicies: readonly FieldPolicy[] = [
  { path: 'automountServiceAccountToken', action: 'warn', except: [false], reason: NO_TOKENS },
  { path: 'serviceAccountName', action: 'warn', except: ['default', ''], reason: NO_TOKENS },
  { path: 'ephemeralContainers', action: 'refuse', except: [[]], reason: 'ephemeral containers are not served; use exec' },
  { path: 'hostUsers', action: 'refuse', except: [true], reason: 'processes run as users of this machine; there are no user namespaces' },
  { path: 'hostnameOverride', action: 'refuse', except: [''], reason: 'use hostname and subdomain' },
  { path: 'setHostnameAsFQDN', action: 'warn', except: [false], reason: 'HOSTNAME is the short name; the full one is found in DNS' },
  { path: 'imagePullSecrets', action: 'warn', except: [[]], reason: 'images are local builds: nothing is pulled from a registry' },
  { path: 'os.name', action: 'refuse', except: ['linux'], reason: 'pods run on Linux and macOS, not on Windows' },
  { path: 'preemptionPolicy', action: 'warn', except: ['PreemptLowerPriority', 'Never'], reason: NO_PREEMPTION },
  { path: 'priority', action: 'warn', except: [0], reason: NO_PREEMPTION },
  { path: 'priorityClassName', action: 'warn', except: ['', 'system-node-critical', 'system-cluster-critical'], reason: NO_PREEMPTION },
  { path: 'resourceClaims', action: 'refuse', except: [[]], reason: 'dynamic resource allocation is not served' },
  { path: 'resources', action: 'refuse', except: [{}], reason: 'set resources on each container; limits of a pod as a whole are not enforced' },
  { path: 'runtimeClassName', action: 'warn', except: [''], reason: 'there is one runtime: processes of this machine' },
  { path: 'schedulingGroup', action: 'refuse', reason: 'pods are scheduled one by one; groups are not served' },
  { path: 'securityContext.fsGroupChangePolicy', action: 'warn', except: ['', 'Always'], reason: 'volumes get their group each time the pod is prepared' },
  { path: 'securityContext.seLinuxChangePolicy', action: 'warn', except: [''], reason: 'SELinux labels are not set' },
  { path: 'securityContext.supplementalGroupsPolicy', action: 'warn', except: ['Merge'], reason: 'the groups that the machine gives the user are kept' },
  { path: 'securityContext.sysctls', action: 'refuse', except: [[]], reason: 'a pod may not change the kernel settings of the machine it shares' },
  ...confinementPolicies,
  ...under('containers[*]', containerPolicies),
  ...under('initContainers[*]', containerPolicies),
  ...under('volumes[*]', volumePolicies),
];

/** What is not acted on in a pod. */
export const podPolicies: readonly FieldPolicy[] = under('spec', specPolicies);

const NOT_COPIED = 'pods made from a template get its labels, annotations and finalizers only';
const TEMPLATE_METADATA = [
  'name',
  'generateName',
  'namespace',
  'ownerReferences',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
] as const;

/** What is not acted on in a pod template at `prefix`. */
export const podTemplatePolicies = (prefix: string): readonly FieldPolicy[] => [
  ...under(`${prefix}.spec`, specPolicies),
  ...TEMPLATE_METADATA.map((field): FieldPolicy => ({ path: `${prefix}.metadata.${field}`, action: 'warn', except: [[], ''], reason: NOT_COPIED })),
];
