import { UsageError } from '../errors.ts';
import { findResource, type Resource, requireResource } from './discovery.ts';

/** What words of kubectl's grammar name: a kind, and names of it (none: all of the kind). */
export interface ResourceWords {
  readonly resource: Resource;
  readonly names: readonly string[];
}

/** `pods`, `pod a b`, `pod/a svc/b`, `pods,svc`, `all`. Throws when a kind is unknown. */
export function parseResourceWords(words: readonly string[], resources: readonly Resource[]): readonly ResourceWords[] {
  const [first, ...names] = words;
  if (first === undefined) throw new UsageError('name a kind of object', 'for instance: drover get pods');
  if (words.some((word) => word.includes('/'))) {
    return words.map((word) => {
      const [kind = '', name = '', ...rest] = word.split('/');
      if (!kind || !name || rest.length > 0) throw new UsageError(`"${word}": when one word is KIND/NAME, all must be`);
      return { resource: requireResource(kind, resources), names: [name] };
    });
  }
  const kinds = first.split(',').flatMap((kind) => category(kind, resources) ?? [requireResource(kind, resources)]);
  if (kinds.length > 1 && names.length > 0) throw new UsageError('names can be given for one kind only');
  return kinds.map((resource) => ({ resource, names }));
}

function category(word: string, resources: readonly Resource[]): readonly Resource[] | undefined {
  const found = resources.filter(({ categories, verbs }) => categories.includes(word) && verbs.includes('list'));
  return found.length > 0 && !findResource(word, resources) ? found : undefined;
}
