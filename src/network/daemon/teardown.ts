import { createConnection } from 'node:net';
import { type HomePaths, readIfThere } from '../../std/index.ts';
import { sendLine } from '../link/lines.ts';
import type { ToProxy } from '../link/protocol.ts';
import { removeMachineNetwork } from '../node/machine-network.ts';
import { machineNetworkOf } from '../node/netns-ports.ts';
import { homeDevices, homeNamespaces, removeNamespaces } from '../node/pod-namespaces.ts';
import { parseKept, rangesFile } from '../ranges/kept-ranges.ts';

/**
 * Takes everything of a home off the machine: the proxy is told to end, namespaces, cables, bridge, route and rules go. For when no pod runs any
 * more. The home's ranges stay its own.
 */
export async function teardown(home: HomePaths): Promise<void> {
  await retireProxy(home.proxySocket);
  const file = rangesFile(home);
  const kept = parseKept(readIfThere(file), file);
  if (kept?.mode !== 'netns' || process.getuid?.() !== 0) return;
  const machine = machineNetworkOf(home.id, kept);
  await removeNamespaces(machine.names, { namespaces: homeNamespaces(machine.names), devices: homeDevices(machine.names) });
  await removeMachineNetwork(machine);
}

function retireProxy(path: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = createConnection(path, () => {
      sendLine(socket, { type: 'retire', drainMs: 0 } satisfies ToProxy);
      socket.end();
    });
    socket.resume();
    // Nobody there is what is wanted.
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
}
