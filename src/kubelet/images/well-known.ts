/** Parts of an image reference: `registry/name:tag@digest`. */
export interface ImageName {
  /** Without tag and digest; `docker.io/library/` is dropped, so `node` and `docker.io/library/node` are the same. */
  readonly repository: string;
  readonly tag: string;
  readonly digest?: string;
}

/** Reads an image reference; no tag means latest. */
export function parseImage(image: string): ImageName {
  const [beforeDigest = '', digest] = image.split('@', 2);
  const slash = beforeDigest.lastIndexOf('/');
  const colon = beforeDigest.indexOf(':', slash + 1);
  const path = colon < 0 ? beforeDigest : beforeDigest.slice(0, colon);
  const repository = path.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
  return { repository, tag: colon < 0 ? 'latest' : beforeDigest.slice(colon + 1), ...(digest ? { digest } : {}) };
}

/** Images whose programs every machine has: their commands run with the machine's own tools. */
const MACHINE_TOOLS: ReadonlySet<string> = new Set([
  'busybox',
  'alpine',
  'debian',
  'ubuntu',
  'bash',
  'curlimages/curl',
  'registry.k8s.io/e2e-test-images/busybox',
]);

export const isMachineTools = (image: ImageName): boolean => MACHINE_TOOLS.has(image.repository);

/** The Node major that `node:18-alpine` asks for; undefined for any (`node`, `node:latest`, `node:lts-slim`); null when it is no node image. */
export function nodeMajor(image: ImageName): number | undefined | null {
  if (image.repository !== 'node') return null;
  const major = /^v?(\d+)/.exec(image.tag)?.[1];
  return major === undefined ? undefined : Number(major);
}

/** What an image of the machine's tools runs when the manifest gives no command. */
export const machineToolsCommand = (image: ImageName): readonly string[] =>
  image.repository === 'debian' || image.repository === 'ubuntu' || image.repository === 'bash' ? ['bash'] : ['sh'];
