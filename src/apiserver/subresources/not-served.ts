import { StatusError, unknownResource } from '../../apimachinery/index.ts';

const WHY: { readonly [subresource: string]: string } = {
  'pods/attach':
    'attach is not served, so nobody can type into a container that runs already; follow its output with "kubectl logs -f", and type into "kubectl exec -it"',
  'pods/portforward': 'port forwarding is not served; pods are reached at their own addresses from this machine',
  'pods/proxy': 'the proxy of the API server is not served; pods are reached at their own addresses from this machine',
  'services/proxy': 'the proxy of the API server is not served; services are reached at their own addresses from this machine',
  'nodes/proxy': 'the proxy of the API server is not served',
  'pods/eviction': 'evictions are not served; delete the pod',
  'pods/ephemeralcontainers': 'ephemeral containers are not served; run the command in a container of the pod with "kubectl exec"',
  'pods/resize': 'resources of running pods are not changed; change the template of their owner',
  'serviceaccounts/token': 'tokens of service accounts are not issued',
};

/** 404 for a part of an object that is not served. What Kubernetes would serve there is said not to be, with what to do instead. */
export function notServed(plural: string, subresource: string): StatusError {
  const why = WHY[`${plural}/${subresource}`];
  return why ? new StatusError({ code: 404, reason: 'NotFound', message: `the server could not find the requested resource: ${why}` }) : unknownResource();
}
