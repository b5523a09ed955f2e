import { FINE, reject, type SchedulerPlugin } from './plugin.ts';

/** Two pods cannot listen on the same port of a node, except replicas that share one socket. */
export const nodePorts: SchedulerPlugin = {
  name: 'NodePorts',
  prepare({ pod }) {
    if (pod.hostPorts.length === 0) return undefined;
    return {
      filter: (node) => (pod.hostPorts.some((port) => node.isTaken(port)) ? reject("node(s) didn't have free ports for the requested pod ports") : FINE),
    };
  },
};
