import { isMap } from '../json-value.ts';

/**
 * A set of fields in the form that managedFields carries it (fieldsV1): keys are path elements (`f:name`, `k:{"name":"a"}`, `v:"x"`), an empty node is a
 * member, a node with children is a member when it has `.`. The root is no member; an empty root is the empty set. Sets are never changed: operations
 * share what they can, and give back their left argument when nothing differs, so that callers may compare by identity.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

export const NO_FIELDS: FieldSet = Object.freeze({});
/** A member without children. */
const LEAF = NO_FIELDS;
const SELF = '.';

type Building = { [element: string]: FieldSet };
/** A node below the root; undefined: not in the set at all. */
type Node = FieldSet | undefined;

const hasNone = (node: FieldSet): boolean => {
  for (const _ in node) return false;
  return true;
};

export const isEmptySet = (set: FieldSet): boolean => hasNone(set);

/** Whether the node itself (not only something below it) is in the set. */
export const isMember = (node: FieldSet): boolean => hasNone(node) || Object.hasOwn(node, SELF);

/** The part of a set below an element. */
export const below = (set: FieldSet, element: string): FieldSet | undefined => (Object.hasOwn(set, element) ? set[element] : undefined);

/** Elements right below a node. */
const elementsOf = (node: FieldSet): readonly string[] => Object.keys(node).filter((element) => element !== SELF);

/** A node with these children; undefined when it would be nothing. */
function node(member: boolean, children: Building): Node {
  if (hasNone(children)) return member ? LEAF : undefined;
  return member ? { [SELF]: LEAF, ...children } : children;
}

function uniteNodes(left: Node, right: FieldSet): FieldSet {
  if (left === undefined || left === right) return right;
  const member = isMember(left) || isMember(right);
  let children: Building | undefined;
  for (const element in right) {
    if (element === SELF) continue;
    const old = below(left, element);
    const next = uniteNodes(old, right[element] as FieldSet);
    if (next === old) continue;
    children ??= childrenOf(left);
    children[element] = next;
  }
  if (!children && member === isMember(left)) return left;
  return node(member, children ?? childrenOf(left)) ?? LEAF;
}

function childrenOf(given: FieldSet): Building {
  const { [SELF]: _, ...children } = given;
  return children;
}

function subtractNodes(left: FieldSet, right: FieldSet, alsoMembers: boolean): Node {
  const member = isMember(left) && !(alsoMembers && isMember(right));
  let children: Building | undefined;
  for (const element in right) {
    if (element === SELF) continue;
    const old = below(left, element);
    if (old === undefined) continue;
    const next = subtractNodes(old, right[element] as FieldSet, true);
    if (next === old) continue;
    children ??= childrenOf(left);
    if (next === undefined) delete children[element];
    else children[element] = next;
  }
  if (!children && member === isMember(left)) return left;
  return node(member, children ?? childrenOf(left));
}

function intersectNodes(left: FieldSet, right: FieldSet, isRoot: boolean): Node {
  const children: Building = {};
  for (const element in left) {
    if (element === SELF) continue;
    const other = below(right, element);
    if (other === undefined) continue;
    const common = intersectNodes(left[element] as FieldSet, other, false);
    if (common !== undefined) children[element] = common;
  }
  return node(!isRoot && isMember(left) && isMember(right), children);
}

/** Everything that is in one of the two. */
export function unite(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || hasNone(right)) return left;
  if (hasNone(left)) return right;
  let result: Building | undefined;
  for (const element in right) {
    const old = below(left, element);
    const next = uniteNodes(old, right[element] as FieldSet);
    if (next === old) continue;
    result ??= { ...left };
    result[element] = next;
  }
  return result ?? left;
}

/** What is in `left` and not in `right`. */
export function subtract(left: FieldSet, right: FieldSet): FieldSet {
  if (hasNone(left) || hasNone(right)) return left;
  let result: Building | undefined;
  for (const element in right) {
    const old = below(left, element);
    if (old === undefined) continue;
    const next = subtractNodes(old, right[element] as FieldSet, true);
    if (next === old) continue;
    result ??= { ...left };
    if (next === undefined) delete result[element];
    else result[element] = next;
  }
  return result ?? left;
}

/** `left` without the members of `right` and everything below them. */
export function subtractWhole(left: FieldSet, right: FieldSet): FieldSet {
  let result: Building | undefined;
  for (const element in right) {
    const old = below(left, element);
    const cut = right[element] as FieldSet;
    if (old === undefined) continue;
    const rest = isMember(cut) ? NO_FIELDS : subtractWhole(old, cut);
    if (rest === old) continue;
    result ??= { ...left };
    if (hasNone(rest)) delete result[element];
    else result[element] = rest;
  }
  return result ?? left;
}

/** What is in both. */
export const intersect = (left: FieldSet, right: FieldSet): FieldSet => intersectNodes(left, right, true) ?? NO_FIELDS;

/** Whether both have the same members. */
export const equalSets = (left: FieldSet, right: FieldSet): boolean => hasNone(subtract(left, right)) && hasNone(subtract(right, left));

/** The path of every member, as lists of elements, parents first. */
export function membersOf(set: FieldSet, prefix: readonly string[] = []): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  for (const element of elementsOf(set)) {
    const path = [...prefix, element];
    const inner = set[element] as FieldSet;
    if (isMember(inner)) found.push(path);
    found.push(...membersOf(inner, path));
  }
  return found;
}

/** Collects members one by one. */
export class FieldSetBuilder {
  readonly #root: Building = {};

  /** Adds the member at `path` (which is copied; its first `length` elements count). */
  add(path: readonly string[], length = path.length): void {
    let at = this.#root;
    for (let index = 0; index < length; index++) {
      const element = path[index] as string;
      const isLast = index === length - 1;
      const known = below(at, element) as Building | undefined;
      if (known === undefined) {
        const fresh: Building = {};
        at[element] = fresh;
        at = fresh;
      } else {
        // An empty node is a member; it must say so itself before it gets children.
        if (isLast ? !hasNone(known) : hasNone(known)) known[SELF] = LEAF;
        at = known;
      }
    }
  }

  build(): FieldSet {
    return this.#root;
  }
}

/** Reads a set that a client sent; undefined when it is none. */
export function readFieldSet(value: unknown): FieldSet | undefined {
  if (!isMap(value)) return undefined;
  for (const [element, inner] of Object.entries(value)) {
    if (element !== SELF && !/^[fkvi]:/.test(element)) return undefined;
    if (readFieldSet(inner) === undefined) return undefined;
  }
  return value as FieldSet;
}
