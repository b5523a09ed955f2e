import type { ConfigMap } from '../../kinds/index.ts';
import { errorText } from '../../std/index.ts';

/** A directory on this machine that an image name stands for. */
export interface RegisteredImage {
  readonly directory: string;
  /** Program and arguments; left out: found in the directory. */
  readonly command?: readonly string[];
}

/** Where registrations live; `drover image add` writes it. */
export const IMAGES_NAMESPACE = 'kube-system';
export const IMAGES_CONFIG_MAP = 'drover-images';

/** What the ConfigMap says: by image reference, and every problem found in it by key. */
export interface ImageRegistry {
  readonly images: ReadonlyMap<string, RegisteredImage>;
  readonly problems: readonly string[];
}

/**
 * Reads the ConfigMap. Each key is one registration: JSON `{"name","tag","directory","command"?}`. The key `map` is the image map:
 * one `image = directory` a line, `#` for comments; registrations win over it.
 */
export function readImageRegistry(configMap: ConfigMap | undefined): ImageRegistry {
  const images = new Map<string, RegisteredImage>();
  const problems: string[] = [];
  const mapped = configMap?.data?.['map'];
  for (const [index, line] of (mapped ?? '').split('\n').entries()) {
    const text = line.replace(/#.*$/, '').trim();
    if (text === '') continue;
    const equals = text.indexOf('=');
    const directory = text.slice(equals + 1).trim();
    if (equals < 1 || directory === '') problems.push(`map, line ${index + 1}: expected "image = directory", got "${text}"`);
    else images.set(text.slice(0, equals).trim(), { directory });
  }
  for (const [key, text] of Object.entries(configMap?.data ?? {})) {
    if (key === 'map') continue;
    const entry = readEntry(text);
    if (typeof entry === 'string') problems.push(`${key}: ${entry}`);
    else images.set(entry.reference, entry.image);
  }
  return { images, problems };
}

function readEntry(text: string): { readonly reference: string; readonly image: RegisteredImage } | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `not JSON: ${errorText(error)}`;
  }
  if (typeof value !== 'object' || value === null) return 'expected an object with name, tag and directory';
  const name = 'name' in value ? value.name : undefined;
  const tag = 'tag' in value ? value.tag : undefined;
  const directory = 'directory' in value ? value.directory : undefined;
  const command = 'command' in value ? value.command : undefined;
  if (typeof name !== 'string' || typeof directory !== 'string') return 'expected "name" and "directory" as strings';
  if (command !== undefined && !(Array.isArray(command) && command.every((one): one is string => typeof one === 'string')))
    return 'expected "command" as a list of strings';
  const reference = typeof tag === 'string' && tag !== '' ? `${name}:${tag}` : name;
  return { reference, image: { directory, ...(command === undefined ? {} : { command }) } };
}

/** The registration of an image: by the name as written, with `:latest` added or left away, or without Docker's default registry. */
export function findRegistered(registry: ImageRegistry, image: string): RegisteredImage | undefined {
  const forms = [image, image.replace(/^(index\.)?docker\.io\/(library\/)?/, '')];
  for (const form of forms) {
    const colon = form.indexOf(':', form.lastIndexOf('/') + 1);
    const found = registry.images.get(form) ?? (colon < 0 ? registry.images.get(`${form}:latest`) : undefined);
    if (found) return found;
    if (form.endsWith(':latest') && registry.images.has(form.slice(0, -7))) return registry.images.get(form.slice(0, -7));
  }
  return undefined;
}
