import type { Container } from '../../kinds/index.ts';
import { artifactCommand } from './artifact.ts';
import { findRegistered, type ImageRegistry } from './image-registry.ts';
import { type LocalNode, nearestNode, nodeDirectory } from './local-node.ts';
import { isMachineTools, machineToolsCommand, nodeMajor, parseImage } from './well-known.ts';

/** The image of apps that are started as commands of this machine. */
export const HOST_IMAGE = 'drover.dev/host';

/** What an image turned out to be on this machine. */
export interface ResolvedImage {
  /** Shown as imageID. */
  readonly id: string;
  /** What runs when the manifest has no `command`; its program part and its default arguments. */
  readonly entrypoint: readonly string[];
  readonly defaultArguments: readonly string[];
  readonly workingDirectory?: string;
  /** Put first in PATH. */
  readonly pathPrefix?: string;
  /** Something that the user should know: another Node major is used, for instance. */
  readonly notice?: string;
}

/** Nothing on this machine stands for the image. `message` lists what was tried and the command that helps. */
export class ImageError extends Error {
  readonly code = 'ERR_IMAGE_UNKNOWN';
}

export interface ImageSources {
  readonly registry: ImageRegistry;
  readonly nodes: readonly LocalNode[];
}

const hasCommand = (container: Container): boolean => (container.command?.length ?? 0) > 0;

/** From `image:` to something that can be started. Order: registered artifact, image map, drover.dev/host, well-known bases, the manifest's command. */
export function resolveImage(container: Container, sources: ImageSources): ResolvedImage {
  const image = container.image ?? '';
  const registered = findRegistered(sources.registry, image);
  const node = nearestNode(sources.nodes, undefined);
  const prefix = node ? { pathPrefix: nodeDirectory(node) } : {};
  if (registered) {
    const id = `dir:${registered.directory}`;
    if (hasCommand(container)) return { id, entrypoint: [], defaultArguments: [], workingDirectory: registered.directory };
    if (registered.command?.length)
      return {
        id,
        entrypoint: registered.command.slice(0, 1),
        defaultArguments: registered.command.slice(1),
        workingDirectory: registered.directory,
        ...withoutNode(registered.command, prefix),
      };
    const found = artifactCommand(registered.directory);
    if ('problem' in found) throw new ImageError(`image "${image}" is registered as ${registered.directory}, but ${found.problem}`);
    return { id, entrypoint: found.command, defaultArguments: [], workingDirectory: registered.directory, ...withoutNode(found.command, prefix) };
  }
  const parsed = parseImage(image);
  if (parsed.repository === HOST_IMAGE) {
    if (!hasCommand(container)) throw new ImageError(`image "${HOST_IMAGE}" runs the manifest's command, and container "${container.name}" gives none`);
    return { id: HOST_IMAGE, entrypoint: [], defaultArguments: [] };
  }
  const major = nodeMajor(parsed);
  if (major !== null) return nodeImage(container, major, sources.nodes);
  if (isMachineTools(parsed))
    return { id: `host:${parsed.repository}`, entrypoint: [], defaultArguments: hasCommand(container) ? [] : machineToolsCommand(parsed) };
  if (hasCommand(container))
    return {
      id: `host:${image}`,
      entrypoint: [],
      defaultArguments: [],
      notice: `Image "${image}" is not on this machine: the manifest's command runs with the machine's own programs`,
    };
  throw new ImageError(unknownImage(image, sources.registry));
}

/** PATH is left alone for programs other than node. */
const withoutNode = (command: readonly string[], prefix: { readonly pathPrefix?: string }): { readonly pathPrefix?: string } =>
  command[0] === 'node' ? prefix : {};

/** The image's entry script puts `node` before arguments that are no program: flags and script files. */
const isForNode = (first: string | undefined): boolean => first !== undefined && (first.startsWith('-') || /\.[cm]?[jt]s$/.test(first));

function nodeImage(container: Container, major: number | undefined, nodes: readonly LocalNode[]): ResolvedImage {
  const image = container.image ?? '';
  const node = nearestNode(nodes, major);
  if (!node) throw new ImageError(`image "${image}" needs a Node on this machine and none was found in PATH nor in a version manager's directory`);
  const other = major !== undefined && Number(node.version.split('.', 1)[0]) !== major;
  return {
    id: `node:${node.version}@${node.path}`,
    entrypoint: isForNode(container.args?.[0]) ? ['node'] : [],
    defaultArguments: ['node'],
    pathPrefix: nodeDirectory(node),
    ...(other ? { notice: `Image "${image}" asks for Node ${major}, which is not on this machine: Node ${node.version} (${node.path}) is used` } : {}),
  };
}

function unknownImage(image: string, registry: ImageRegistry): string {
  const known = [...registry.images.keys()].sort().slice(0, 10);
  return [
    `no program on this machine stands for image "${image}". Tried: artifacts registered with drover image add (${known.length === 0 ? 'none registered' : known.join(', ')});`,
    `the image map in ConfigMap kube-system/drover-images; well-known bases (node, busybox, alpine, debian, ubuntu); a "command" in the manifest (none given).`,
    `To fix it: drover image add ${image} DIR`,
  ].join(' ');
}

/** Program and arguments, by Kubernetes' rule: `command` replaces everything of the image, `args` only its default arguments. */
export function commandOf(container: Pick<Container, 'command' | 'args'>, image: ResolvedImage): readonly string[] {
  if (container.command?.length) return [...container.command, ...(container.args ?? [])];
  return [...image.entrypoint, ...(container.args?.length ? container.args : image.defaultArguments)];
}
