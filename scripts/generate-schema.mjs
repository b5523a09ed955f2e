// Writes src/kinds/schema/: compact schemas, descriptions and TypeScript types of every kind in ROOTS, from the generated models of the
// exact-pinned development dependency @kubernetes/client-node. Its models are pure data and are read as text: nothing of the client runs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ATOMIC, FREE_FORM, LISTS, META, PATCH_STRATEGIES, QUANTITIES, ROOTS } from './schema-facts.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const models = join(root, 'node_modules/@kubernetes/client-node/dist/gen/models');
const target = join(root, 'src/kinds/schema');

const shortName = (model) => model.replace(/^(CoreV1|EventsV1|DiscoveryV1|V1)(?=[A-Z])/, '');
const versionOf = (model) => /^(?:Core|Events|Discovery)?(V\d+(?:(?:alpha|beta)\d+)?)/i.exec(model)?.[1]?.toLowerCase() ?? 'v1';

/** group of a type that is reached from a kind of `group`: meta types have a home of their own, the rest belong to who reached them first. */
const definitionName = (model, group) => {
  const short = shortName(model);
  if (META.has(short)) return `io.k8s.apimachinery.pkg.apis.meta.v1.${short}`;
  const home =
    {
      '': 'core',
      'discovery.k8s.io': 'discovery',
      'coordination.k8s.io': 'coordination',
      'events.k8s.io': 'events',
      'authentication.k8s.io': 'authentication',
      'authorization.k8s.io': 'authorization',
    }[group] ?? group;
  return `io.k8s.api.${home}.${versionOf(model)}.${short}`;
};

const clean = (text) =>
  text
    .replace(/\\'/g, "'")
    .replace(/\\"/g, '"')
    .replace(/\s*\n\s*\*\s?/g, ' ')
    .trim();

/** The optionality and doc comments of one model, from its declaration file. */
function readDeclaration(model) {
  const text = readFileSync(join(models, `${model}.d.ts`), 'utf8');
  const description = /\/\*\*\n\*((?:(?!\*\/)[\s\S])*)\*\/\s*export declare class/.exec(text)?.[1] ?? '';
  const fields = new Map();
  for (const found of text.matchAll(/(?:\/\*\*\s*\n\s*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?^\s{4}'([^']+)'(\?)?: /gm)) {
    fields.set(found[2], { optional: found[3] === '?', description: clean(found[1] ?? '') });
  }
  return { description: clean(description), fields };
}

/** name, type and format of one model's fields, from its compiled attribute map. */
function readAttributes(model) {
  const text = readFileSync(join(models, `${model}.js`), 'utf8');
  const found = /attributeTypeMap = (\[[\s\S]*?\n\]|\[\]);/.exec(text);
  if (!found) throw new Error(`${model}.js: no attributeTypeMap found: the generator expects @kubernetes/client-node's layout`);
  return JSON.parse(found[1]);
}

const definitions = {};
const descriptions = {};
const names = new Map();
const typeNames = new Map();

function typeSchema(type, format, owner, group) {
  const array = /^Array<(.*)>$/.exec(type);
  if (array) return { type: 'array', items: typeSchema(array[1], format, owner, group), ...(LISTS[owner] ?? { listType: 'atomic' }) };
  const mapped = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (mapped) {
    const values = QUANTITIES.has(owner) ? { type: 'string', format: 'quantity' } : typeSchema(mapped[1], format, owner, group);
    return { type: 'map', values, ...(ATOMIC.has(owner) ? { mapType: 'atomic' } : {}) };
  }
  if (FREE_FORM.has(type)) return { type: 'any' };
  if (QUANTITIES.has(owner)) return { type: 'string', format: 'quantity' };
  if (type === 'IntOrString') return { type: 'string', format: 'int-or-string' };
  if (type === 'string') return { type: 'string', ...(format ? { format } : {}) };
  if (type === 'Date') return { type: 'string', format: 'date-time' };
  if (type === 'V1MicroTime') return { type: 'string', format: 'micro-time' };
  if (type === 'number') return format === 'double' ? { type: 'number', format } : { type: 'integer', format: format || 'int64' };
  if (type === 'boolean') return { type: 'boolean' };
  return { type: 'ref', ref: define(type, group) };
}

function define(model, group) {
  const known = names.get(model);
  if (known) return known;
  const name = definitionName(model, group);
  names.set(model, name);
  const short = shortName(model);
  const declared = readDeclaration(model);
  const schema = { type: 'object', properties: {}, ...(ATOMIC.has(short) || ATOMIC.has(model) ? { mapType: 'atomic' } : {}) };
  definitions[name] = schema;
  descriptions[name] = { '': declared.description };
  const required = [];
  for (const attribute of readAttributes(model)) {
    const field = declared.fields.get(attribute.name);
    if (!field) throw new Error(`${model}.${attribute.name}: in the attribute map but not in the declaration`);
    const owner = `${short}.${attribute.baseName}`;
    const property = typeSchema(attribute.type, attribute.format, owner, group);
    if (PATCH_STRATEGIES[owner]) property.patchStrategy = PATCH_STRATEGIES[owner];
    schema.properties[attribute.baseName] = property;
    if (!field.optional) required.push(attribute.baseName);
    if (field.description) descriptions[name][attribute.baseName] = field.description;
  }
  if (required.length > 0) schema.required = required;
  return name;
}

const kinds = ROOTS.map(([model, group, version, kind]) => ({ group, version, kind, schema: define(model, group) }));

// TypeScript types: one interface per definition, all readonly. Kinds carry their apiVersion and kind; ObjectMeta is apimachinery's.
const rootBySchema = new Map(kinds.map((kind) => [kind.schema, kind]));
for (const name of Object.keys(definitions)) {
  const short = name.split('.').at(-1);
  const group = name.split('.').at(-3);
  typeNames.set(name, [...typeNames.values()].includes(short) ? `${group[0].toUpperCase()}${group.slice(1)}${short}` : short);
}
const META_TYPE = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const EXTERNAL = new Set(['ObjectMeta', 'OwnerReference', 'ManagedFieldsEntry', 'LabelSelector', 'LabelSelectorRequirement'].map((name) => META_TYPE + name));
const tsType = (schema) => {
  switch (schema.type) {
    case 'array':
      return `readonly ${/[ |]/.test(tsType(schema.items)) ? `(${tsType(schema.items)})` : tsType(schema.items)}[]`;
    case 'map':
      return `{ readonly [key: string]: ${tsType(schema.values)} }`;
    case 'any':
      return 'unknown';
    case 'ref':
      return typeNames.get(schema.ref);
    case 'integer':
      return 'number';
    case 'string':
      return schema.format === 'int-or-string' ? 'number | string' : 'string';
    default:
      return schema.type;
  }
};
const lines = [
  '// Generated by scripts/generate-schema.mjs from the models of @kubernetes/client-node (Apache-2.0, see NOTICE). Do not edit.',
  "import type { LabelSelector, LabelSelectorRequirement, ObjectMeta, OwnerReference } from '../../apimachinery/index.ts';",
  '',
  'export type { OwnerReference };',
  '',
];
for (const [name, schema] of Object.entries(definitions)) {
  if (EXTERNAL.has(name)) continue;
  const kind = rootBySchema.get(name);
  lines.push(`export interface ${typeNames.get(name)} {`);
  for (const [field, property] of Object.entries(schema.properties)) {
    const key = /^[A-Za-z_]\w*$/.test(field) ? field : `'${field}'`;
    if (kind && (field === 'apiVersion' || field === 'kind')) lines.push(`  readonly ${key}: string;`);
    else if (kind && field === 'metadata' && property.ref === `${META_TYPE}ObjectMeta`) lines.push('  readonly metadata: ObjectMeta;');
    else lines.push(`  readonly ${key}${schema.required?.includes(field) ? '' : '?'}: ${tsType(property)};`);
  }
  lines.push('}', '');
}

mkdirSync(target, { recursive: true });
const version = JSON.parse(readFileSync(join(root, 'node_modules/@kubernetes/client-node/package.json'), 'utf8')).version;
writeFileSync(join(target, 'definitions.json'), JSON.stringify({ source: `@kubernetes/client-node ${version}`, kinds, definitions }));
writeFileSync(join(target, 'descriptions.json'), JSON.stringify(descriptions));
writeFileSync(join(target, 'types.ts'), lines.join('\n'));
if (process.argv.includes('--verbose')) console.log(`${Object.keys(definitions).length} definitions from client-node ${version} written to src/kinds/schema/`);
