import type { FieldError, KubeObject } from '../apimachinery/index.ts';

/** A printed column of a Table. Priority 1 is shown with `-o wide` only. */
export interface Column<T> {
  readonly name: string;
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: 'name';
  readonly description?: string;
  readonly priority?: 0 | 1;
  /** The cell. `nowMs` is the time of the request; ages are written as Kubernetes does (5d3h). */
  readonly cell: (object: T, nowMs: number) => string | number | boolean;
}

/** What is done with a field that this program does not act upon. */
export interface FieldPolicy {
  /** Dotted path with [*] for lists and {*} for map values: spec.template.spec.containers[*].tty. */
  readonly path: string;
  /** `refuse` answers 422; `warn` answers with a Warning header; both name the field and give the reason. */
  readonly action: 'refuse' | 'warn';
  readonly reason: string;
  /** Values that are fine (they ask for what happens anyway); any other value triggers the action. */
  readonly except?: readonly unknown[];
}

/** Fields that this program acts upon, and the room that does. A field that is neither here nor under a policy fails the kinds' suite. */
export interface ActedUpon {
  /** A room of the house, or `clients` for what is kept for whoever reads it, exactly as Kubernetes keeps it. */
  readonly room: 'apiserver' | 'controllers' | 'scheduler' | 'kubelet' | 'network' | 'clients';
  /** Paths as in FieldPolicy; each stands for everything below it. */
  readonly fields: readonly string[];
}

/** JSON paths (with a leading dot) that make the scale subresource. */
export interface ScalePaths {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  readonly selector: string;
}

/** What a write may know beside the object. */
export interface WriteContext {
  readonly nowMs: number;
}

/** A kind's behaviour on writes. Hooks are pure, get frozen objects and return new ones. Order: defaults, prepare, validate, warnings. */
export interface Strategy<T extends KubeObject> {
  /** Kubernetes' defaults for the fields left out. Idempotent. Also runs on every read of a stored object of an older program version. */
  readonly defaults?: (object: T) => T;
  /** Clears what clients may not set (status on create, …) and sets what the system decides. */
  readonly prepareForCreate?: (object: T, context: WriteContext) => T;
  /** Spec updates: keeps status as it was, and whatever else clients may not change. metadata.generation is handled generically (see `generation`). */
  readonly prepareForUpdate?: (object: T, old: T, context: WriteContext) => T;
  /** Writes to the status subresource: keeps everything but status (done generically when this is left out). */
  readonly prepareForStatusUpdate?: (object: T, old: T, context: WriteContext) => T;
  readonly validate?: (object: T) => readonly FieldError[];
  readonly validateUpdate?: (object: T, old: T) => readonly FieldError[];
  readonly validateStatusUpdate?: (object: T, old: T) => readonly FieldError[];
  /** Texts for `Warning:` headers beyond those of fieldPolicies. */
  readonly warnings?: (object: T, old: T | undefined) => readonly string[];
  /** Seconds of grace when a delete does not say; a kind without it is removed at once. Pods: spec.terminationGracePeriodSeconds. */
  readonly gracefulDelete?: (object: T) => { readonly seconds: number } | undefined;
  /** Whether metadata.generation counts spec changes. Default false. */
  readonly generation?: boolean;
  /** How names are checked. Default dns-subdomain. */
  readonly nameRule?: 'dns-subdomain' | 'dns-label' | 'dns-1035-label' | 'path-segment';
  /** Default propagation when a delete does not say. Default background. */
  readonly defaultPropagation?: 'Orphan' | 'Background' | 'Foreground';
}

export interface Subresource {
  readonly name: string;
  /** Kind that discovery announces, with its group and version when they differ from the parent's. */
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

/** Everything about one kind, declared once: routes, discovery, OpenAPI, checks, patches, tables, explain, docs and CLI names derive from it. */
export interface KindDefinition<T extends KubeObject = KubeObject> {
  /** '' is the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** Definition name in schema/definitions.json. */
  readonly schema: string;
  /**
   * Where objects are stored when two group-versions share them (events): the other kind's group and plural, and how to go there and back.
   * Left out: the kind stores itself.
   */
  readonly storedAs?: {
    readonly group: string;
    readonly plural: string;
    readonly toStored: (object: T) => KubeObject;
    readonly fromStored: (object: KubeObject) => T;
  };
  /** Every subresource that is served: status, scale, log, exec, binding, … `scale` needs scalePaths. */
  readonly subresources: readonly Subresource[];
  readonly scalePaths?: ScalePaths;
  readonly columns: readonly Column<T>[];
  /** Field selectors beyond metadata.name and metadata.namespace. */
  readonly selectableFields: { readonly [path: string]: (object: T) => string };
  readonly strategy: Strategy<T>;
  readonly fieldPolicies: readonly FieldPolicy[];
  /** Every field without a policy. Metadata, apiVersion and kind are the API server's and need no entry. */
  readonly actedUpon?: readonly ActedUpon[];
  /** Seconds after which objects of this kind are removed by themselves (events: 3600). */
  readonly timeToLiveSeconds?: number;
  /** A small valid object, used by docs and by the suite that every kind passes. */
  readonly example: T;
}

/** The verbs of an ordinary kind. */
export const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

/** Declares a kind. Only fixes the type: every rule is data. */
export const defineKind = <T extends KubeObject>(definition: KindDefinition<T>): KindDefinition<T> => Object.freeze(definition);

/** A kind of any object type, for lists of mixed kinds (a definition's hooks take its own type, so no common type parameter exists). */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyKind = KindDefinition<any>;

/** What clients need to know of a kind to address it; every KindDefinition is one. */
export interface ResourceRef {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** `v1` or `apps/v1`. */
export const apiVersionOf = (ref: { readonly group: string; readonly version: string }): string => (ref.group ? `${ref.group}/${ref.version}` : ref.version);
