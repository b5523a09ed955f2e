import { badRequest, type FieldRequirement, type KubeObject, parseFieldSelector, parseLabelSelector, SelectorError } from '../../apimachinery/index.ts';
import type { AnyKind } from '../../kinds/index.ts';

/** Which objects of a kind a list, watch or deletecollection is about. */
export interface Selection {
  /** No selector at all: `matches` need not be asked. */
  readonly everything: boolean;
  matches(object: KubeObject): boolean;
}

type FieldReader = (object: KubeObject) => string;

const METADATA_FIELDS: { readonly [path: string]: FieldReader } = {
  'metadata.name': (object) => object.metadata.name ?? '',
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

/** The selection of a query's labelSelector and fieldSelector, and of `name` when the path names one object. Throws 400 in Kubernetes' words. */
export function selectionOf(kind: AnyKind, query: URLSearchParams, name: string): Selection {
  const labelText = query.get('labelSelector') ?? '';
  const fieldText = query.get('fieldSelector') ?? '';
  if (labelText === '' && fieldText === '' && name === '') return { everything: true, matches: () => true };
  const labels = labelText === '' ? undefined : parsed(() => parseLabelSelector(labelText));
  const fields = fieldText === '' ? [] : parsed(() => parseFieldSelector(fieldText));
  const terms = fields.map((requirement) => ({ ...requirement, read: readerOf(kind, requirement) }));
  if (name !== '') terms.push({ path: 'metadata.name', op: '=', value: name, read: METADATA_FIELDS['metadata.name']! });
  return {
    everything: false,
    matches: (object) => (!labels || labels.matches(object.metadata.labels)) && terms.every((term) => (term.read(object) === term.value) === (term.op === '=')),
  };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

function readerOf(kind: AnyKind, requirement: FieldRequirement): FieldReader {
  const reader = METADATA_FIELDS[requirement.path] ?? kind.selectableFields[requirement.path];
  if (reader) return reader;
  throw badRequest(`field label not supported: ${requirement.path}`);
}
