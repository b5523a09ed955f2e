import type { FieldPolicy } from '../../../define-kind.ts';

const REMOTE = 'volumes of this source are not served here; use hostPath, emptyDir, configMap, secret, downwardAPI or projected';

/** Volume sources that need a driver or a service that this machine does not have. */
const NOT_SERVED = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'csi',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'gitRepo',
  'glusterfs',
  'iscsi',
  'nfs',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
] as const;

const CLAIMS = 'persistent volume claims are not served yet; use hostPath for data that must stay, emptyDir for data that need not';

/** What is not acted on in a volume, relative to the volume. */
export const volumePolicies: readonly FieldPolicy[] = [
  ...NOT_SERVED.map((source): FieldPolicy => ({ path: source, action: 'refuse', reason: REMOTE })),
  { path: 'persistentVolumeClaim', action: 'refuse', reason: CLAIMS },
  { path: 'ephemeral', action: 'refuse', reason: CLAIMS },
  { path: 'image', action: 'refuse', reason: 'images are directories of the machine here; mount one with hostPath' },
  { path: 'emptyDir.medium', action: 'refuse', except: ['', 'Memory'], reason: 'an emptyDir lies on the disk or, with Memory, in a tmpfs' },
  {
    path: 'emptyDir.sizeLimit',
    action: 'warn',
    except: ['0'],
    reason: 'an emptyDir on the disk is not limited; with medium Memory it is where this machine permits',
  },
  { path: 'projected.sources[*].serviceAccountToken', action: 'refuse', reason: 'service account tokens are not issued yet' },
  { path: 'projected.sources[*].clusterTrustBundle', action: 'refuse', reason: 'cluster trust bundles are not served' },
  { path: 'projected.sources[*].podCertificate', action: 'refuse', reason: 'pod certificates are not issued' },
];
