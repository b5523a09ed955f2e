/** One step of a path: each maps every value found so far to any number of values. */
export type Step =
  | { readonly type: 'root' }
  | { readonly type: 'current' }
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'wildcard' }
  | { readonly type: 'recursive'; readonly next: Step }
  | { readonly type: 'slice'; readonly start: number | undefined; readonly end: number | undefined; readonly step: number; readonly single: boolean }
  | { readonly type: 'union'; readonly paths: readonly Path[] }
  | { readonly type: 'filter'; readonly left: Path; readonly operator: FilterOperator | 'exists'; readonly right: Path };

export type FilterOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** A path, or a constant. */
export type Path = readonly Step[] | { readonly literal: unknown };

/** A part of a template. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'path'; readonly path: Path }
  | { readonly type: 'range'; readonly path: Path; readonly body: readonly Part[] };

/** A template that cannot be read, or does not fit the data; the message is kubectl's own where it has one. */
export class JsonPathError extends Error {
  readonly code = 'ERR_JSONPATH';
}
