// Facts about Kubernetes' types that the generated client models do not carry, written by hand from the public API
// reference (https://kubernetes.io/docs/reference/kubernetes-api/): which kinds are read, how lists merge, which structs are atomic, and
// which strings are quantities. Keys are model names without their version prefix.

/** Kinds whose whole reachable schema is generated: [model, group, version, kind]. */
export const ROOTS = [
  ['V1Namespace', '', 'v1', 'Namespace'],
  ['V1Node', '', 'v1', 'Node'],
  ['V1Pod', '', 'v1', 'Pod'],
  ['V1Service', '', 'v1', 'Service'],
  ['V1Endpoints', '', 'v1', 'Endpoints'],
  ['V1ConfigMap', '', 'v1', 'ConfigMap'],
  ['V1Secret', '', 'v1', 'Secret'],
  ['CoreV1Event', '', 'v1', 'Event'],
  ['V1ServiceAccount', '', 'v1', 'ServiceAccount'],
  ['V1Binding', '', 'v1', 'Binding'],
  ['V1Deployment', 'apps', 'v1', 'Deployment'],
  ['V1ReplicaSet', 'apps', 'v1', 'ReplicaSet'],
  ['V1EndpointSlice', 'discovery.k8s.io', 'v1', 'EndpointSlice'],
  ['V1Lease', 'coordination.k8s.io', 'v1', 'Lease'],
  ['EventsV1Event', 'events.k8s.io', 'v1', 'Event'],
  ['V1Scale', 'autoscaling', 'v1', 'Scale'],
  ['V1SelfSubjectReview', 'authentication.k8s.io', 'v1', 'SelfSubjectReview'],
  ['V1SelfSubjectAccessReview', 'authorization.k8s.io', 'v1', 'SelfSubjectAccessReview'],
  ['V1SelfSubjectRulesReview', 'authorization.k8s.io', 'v1', 'SelfSubjectRulesReview'],
  ['V1DeleteOptions', 'meta', 'v1', 'DeleteOptions'],
  ['V1Status', 'meta', 'v1', 'Status'],
];

/** Models that live in k8s.io/apimachinery's meta/v1 group. */
export const META = new Set([
  'ObjectMeta',
  'ListMeta',
  'OwnerReference',
  'ManagedFieldsEntry',
  'LabelSelector',
  'LabelSelectorRequirement',
  'Status',
  'StatusDetails',
  'StatusCause',
  'DeleteOptions',
  'Preconditions',
  'Condition',
]);

const map = (keys, patchMergeKey = keys[0], patchStrategy = 'merge') => ({
  listType: 'map',
  listMapKeys: keys,
  ...(patchMergeKey ? { patchMergeKey, patchStrategy } : {}),
});
const conditions = map(['type']);

/** How lists merge: 'Model.field' -> list facts. A list that is not named here is atomic. */
export const LISTS = {
  'ObjectMeta.finalizers': { listType: 'set', patchStrategy: 'merge' },
  'ObjectMeta.ownerReferences': map(['uid']),
  'PodSpec.containers': map(['name']),
  'PodSpec.initContainers': map(['name']),
  'PodSpec.ephemeralContainers': map(['name']),
  'PodSpec.volumes': map(['name'], 'name', 'merge,retainKeys'),
  'PodSpec.imagePullSecrets': map(['name']),
  'PodSpec.hostAliases': map(['ip']),
  'PodSpec.topologySpreadConstraints': map(['topologyKey', 'whenUnsatisfiable'], 'topologyKey'),
  'PodSpec.schedulingGates': map(['name']),
  'PodSpec.resourceClaims': map(['name'], 'name', 'merge,retainKeys'),
  'PodStatus.conditions': conditions,
  'PodStatus.podIPs': map(['ip']),
  'PodStatus.hostIPs': { listType: 'atomic', patchMergeKey: 'ip', patchStrategy: 'merge' },
  'PodStatus.resourceClaimStatuses': map(['name'], 'name', 'merge,retainKeys'),
  'ContainerStatus.volumeMounts': map(['mountPath']),
  'ContainerStatus.allocatedResourcesStatus': map(['name']),
  'ResourceStatus.resources': map(['resourceID'], ''),
  'ResourceRequirements.claims': map(['name'], ''),
  'LoadBalancerStatus.ingress': { listType: 'atomic' },
  'ServiceSpec.ports': map(['port', 'protocol'], 'port'),
  'ServiceStatus.conditions': conditions,
  'ServiceAccount.secrets': map(['name']),
  'Endpoint.addresses': { listType: 'set' },
  'NodeSpec.podCIDRs': { listType: 'set', patchStrategy: 'merge' },
  'NodeStatus.addresses': map(['type']),
  'NodeStatus.conditions': conditions,
  'NamespaceStatus.conditions': conditions,
  'DeploymentStatus.conditions': conditions,
  'ReplicaSetStatus.conditions': conditions,
};
for (const container of ['Container', 'EphemeralContainer']) {
  LISTS[`${container}.ports`] = map(['containerPort', 'protocol'], 'containerPort');
  LISTS[`${container}.env`] = map(['name']);
  LISTS[`${container}.volumeMounts`] = map(['mountPath']);
  LISTS[`${container}.volumeDevices`] = map(['devicePath']);
}

/** Fields that are not lists and still carry a patch strategy. */
export const PATCH_STRATEGIES = { 'DeploymentSpec.strategy': 'retainKeys' };

/** Structs (and maps, as Model.field) that are replaced whole. */
export const ATOMIC = new Set([
  'LabelSelector',
  'NodeSelector',
  'NodeSelectorTerm',
  'ObjectReference',
  'LocalObjectReference',
  'TypedLocalObjectReference',
  'ConfigMapKeySelector',
  'SecretKeySelector',
  'ObjectFieldSelector',
  'ResourceFieldSelector',
  'SecretReference',
  'EndpointAddress',
  'CoreV1EndpointPort',
  'EndpointPort',
  'DiscoveryV1EndpointPort',
  'FileKeySelector',
  'ServiceSpec.selector',
  'PodSpec.nodeSelector',
  'ReplicationControllerSpec.selector',
  'SELinuxOptions.',
  'EndpointHints.',
]);

/** String (or map of string) fields whose type is resource.Quantity. */
export const QUANTITIES = new Set([
  'ResourceRequirements.limits',
  'ResourceRequirements.requests',
  'VolumeResourceRequirements.limits',
  'VolumeResourceRequirements.requests',
  'NodeStatus.capacity',
  'NodeStatus.allocatable',
  'EmptyDirVolumeSource.sizeLimit',
  'ResourceFieldSelector.divisor',
  'PodSpec.overhead',
  'ContainerStatus.allocatedResources',
  'PodStatus.allocatedResources',
]);

/** Types whose content is not described further: every field is kept as given. */
export const FREE_FORM = new Set(['any', 'object']);
