import type { FieldPolicy } from '../../../define-kind.ts';

/**
 * Containers are processes of the machine. What asks for rights that the process has anyway, or for less than it has, runs with a warning that
 * says what is not enforced; what would have to change the machine, or would silently do something else, is refused.
 */
const ITS_USER = 'a process has exactly the rights of its user on this machine';

const securityPolicies: readonly FieldPolicy[] = [
  { path: 'securityContext.privileged', action: 'warn', except: [false], reason: `${ITS_USER}: none are added` },
  {
    path: 'securityContext.readOnlyRootFilesystem',
    action: 'warn',
    except: [false],
    reason: `a process sees the machine's file system and may write what its user may; use runAsUser to limit it`,
  },
  { path: 'securityContext.capabilities.add', action: 'warn', except: [[]], reason: `${ITS_USER}: none are added` },
  { path: 'securityContext.capabilities.drop', action: 'warn', except: [[]], reason: `${ITS_USER}: none are taken away; use runAsUser to limit it` },
  { path: 'securityContext.allowPrivilegeEscalation', action: 'warn', except: [true], reason: `${ITS_USER}; set-uid programs of the machine still work` },
  { path: 'securityContext.procMount', action: 'warn', except: ['Default'], reason: "processes see the machine's /proc" },
];

/** Confinement by the kernel, at the level of the pod and of the container alike. */
export const confinementPolicies: readonly FieldPolicy[] = [
  {
    path: 'securityContext.seccompProfile.type',
    action: 'refuse',
    except: ['RuntimeDefault', 'Unconfined'],
    reason: 'seccomp profiles cannot be put on host processes, and running without the one asked for would be unsafe',
  },
  {
    path: 'securityContext.seccompProfile.type',
    action: 'warn',
    except: ['Unconfined', 'Localhost'],
    reason: 'host processes run without a seccomp profile',
  },
  {
    path: 'securityContext.seccompProfile.localhostProfile',
    action: 'refuse',
    except: [''],
    reason: 'seccomp profiles cannot be put on host processes',
  },
  {
    path: 'securityContext.appArmorProfile.type',
    action: 'refuse',
    except: ['RuntimeDefault', 'Unconfined'],
    reason: 'AppArmor profiles are not loaded for host processes, and running without the one asked for would be unsafe',
  },
  {
    path: 'securityContext.appArmorProfile.type',
    action: 'warn',
    except: ['Unconfined', 'Localhost'],
    reason: "host processes run under the machine's own AppArmor policy",
  },
  { path: 'securityContext.appArmorProfile.localhostProfile', action: 'refuse', except: [''], reason: 'AppArmor profiles are not loaded for host processes' },
  {
    path: 'securityContext.seLinuxOptions',
    action: 'refuse',
    except: [{}],
    reason: 'SELinux labels are not set on host processes, and running without them would be unsafe',
  },
  { path: 'securityContext.windowsOptions', action: 'refuse', except: [{}], reason: 'pods run on Linux and macOS, not on Windows' },
];

const NO_ATTACH = 'attach is not served, so nobody can type into a container; use exec for a terminal';

/** What is not acted on in a container, relative to the container. */
export const containerPolicies: readonly FieldPolicy[] = [
  ...securityPolicies,
  ...confinementPolicies,
  { path: 'stdin', action: 'warn', except: [false], reason: NO_ATTACH },
  { path: 'stdinOnce', action: 'warn', except: [false], reason: NO_ATTACH },
  { path: 'tty', action: 'warn', except: [false], reason: `${NO_ATTACH}; output goes to the log without a terminal` },
  { path: 'resizePolicy', action: 'warn', except: [[]], reason: 'resources are not changed while a container runs; change the template instead' },
  { path: 'restartPolicyRules', action: 'refuse', except: [[]], reason: 'restarts follow restartPolicy alone; exit codes do not change them' },
  { path: 'resources.claims', action: 'refuse', except: [[]], reason: 'dynamic resource allocation is not served' },
  { path: 'volumeDevices', action: 'refuse', except: [[]], reason: 'raw block devices are not served' },
  {
    path: 'volumeMounts[*].mountPropagation',
    action: 'refuse',
    except: ['None', ''],
    reason: 'mounts made later on the machine or in a container are not passed on',
  },
  { path: 'volumeMounts[*].recursiveReadOnly', action: 'refuse', except: ['Disabled', ''], reason: 'only the mount itself can be made read-only' },
  { path: 'env[*].valueFrom.fileKeyRef', action: 'refuse', reason: 'environment from files of a volume is not served; use a ConfigMap or a Secret' },
  { path: 'ports[*].protocol', action: 'warn', except: ['TCP', 'UDP'], reason: 'Services forward TCP and UDP' },
  {
    path: 'ports[*].hostIP',
    action: 'warn',
    except: ['', '0.0.0.0'],
    reason: 'ports of a pod are not forwarded from addresses of the machine; use a Service of type NodePort',
  },
  {
    path: 'lifecycle.postStart.tcpSocket',
    action: 'refuse',
    reason: 'tcpSocket hooks do nothing in Kubernetes; use exec or httpGet',
  },
  { path: 'lifecycle.preStop.tcpSocket', action: 'refuse', reason: 'tcpSocket hooks do nothing in Kubernetes; use exec, httpGet or sleep' },
];
