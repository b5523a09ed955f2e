import { notAcceptable } from '../../apimachinery/index.ts';

/** How the client wants the answer. */
export interface Representation {
  readonly media: 'json' | 'yaml';
  /** As the kind itself, as a Table, or only its metadata. */
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** Version of meta.k8s.io for tables and metadata. */
  readonly asVersion: 'v1' | 'v1beta1';
}

export interface MediaRange {
  readonly type: string;
  readonly parameters: { readonly [name: string]: string };
}

const PLAIN: Representation = { media: 'json', as: 'object', asVersion: 'v1' };
const TRANSFORMS = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);

/** The ranges of an Accept header, best first. */
export function mediaRanges(accept: string): readonly MediaRange[] {
  return accept
    .split(',')
    .map((part, index) => {
      const [type = '', ...rest] = part.trim().split(';');
      const parameters: { [name: string]: string } = {};
      for (const parameter of rest) {
        const [name = '', value = ''] = parameter.split('=');
        parameters[name.trim()] = value.trim();
      }
      return { type: type.trim().toLowerCase(), parameters, quality: Number(parameters['q'] ?? '1'), index };
    })
    .filter((range) => range.type !== '' && range.quality > 0)
    .sort((a, b) => b.quality - a.quality || a.index - b.index)
    .map(({ type, parameters }) => ({ type, parameters }));
}

const ACCEPTED = 'only the following media types are accepted: application/json, application/yaml';

/** The first form of the Accept header that is served. Protobuf is not; clients that can read JSON too get JSON. Throws 406. */
export function negotiate(accept: string | undefined): Representation {
  if (!accept) return PLAIN;
  for (const range of mediaRanges(accept)) {
    const media = mediaOf(range.type);
    if (!media) continue;
    const as = range.parameters['as'];
    if (as === undefined) return media === 'json' ? PLAIN : { ...PLAIN, media };
    const version = range.parameters['v'];
    if (range.parameters['g'] !== 'meta.k8s.io' || !TRANSFORMS.has(as) || (version !== 'v1' && version !== 'v1beta1')) continue;
    return { media, as: as as Representation['as'], asVersion: version };
  }
  throw notAcceptable(ACCEPTED);
}

function mediaOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}
