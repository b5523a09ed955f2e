import type { FieldPolicy } from '../../../define-kind.ts';

export const servicePolicies: readonly FieldPolicy[] = [
  { path: 'spec.ports[*].protocol', action: 'refuse', except: ['TCP', 'UDP'], reason: 'the service proxy forwards TCP and UDP' },
  { path: 'spec.externalIPs', action: 'refuse', except: [[]], reason: 'only addresses of this home are served; use type NodePort to be reached from outside' },
  {
    path: 'spec.externalTrafficPolicy',
    action: 'warn',
    except: ['Cluster'],
    reason: "there is one machine, so traffic never leaves it; the client address that a pod sees is the proxy's",
  },
  { path: 'spec.internalTrafficPolicy', action: 'warn', except: ['Cluster'], reason: 'there is one machine, so every endpoint is local' },
  { path: 'spec.trafficDistribution', action: 'warn', reason: 'there is one machine, so every endpoint is equally near' },
  { path: 'spec.healthCheckNodePort', action: 'warn', except: [0], reason: 'no load balancer asks for it' },
  { path: 'spec.loadBalancerIP', action: 'warn', reason: 'type LoadBalancer is served on its node ports; no address is assigned' },
  { path: 'spec.loadBalancerClass', action: 'warn', reason: 'type LoadBalancer is served on its node ports by drover itself' },
  { path: 'spec.loadBalancerSourceRanges', action: 'refuse', except: [[]], reason: 'clients are not filtered by address, so anybody would get in' },
  { path: 'spec.ipFamilyPolicy', action: 'refuse', except: ['SingleStack', 'PreferDualStack'], reason: 'services have IPv4 addresses' },
  { path: 'spec.ipFamilies', action: 'refuse', except: [['IPv4'], []], reason: 'services have IPv4 addresses' },
];
