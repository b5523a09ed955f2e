import { toYaml } from '../../apimachinery/index.ts';

/** The media type under which kubectl up to 1.28 asks for the OpenAPI 2 document; it reads no other. */
export const PROTOBUF_V2 = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

/** The media type it is answered with: an @ is not allowed there. */
export const PROTOBUF_V2_ANSWER = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

interface Json {
  readonly [field: string]: unknown;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** A field that holds text or a message. */
function field(number: number, content: string | Buffer): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

const flag = (number: number): Buffer => Buffer.concat([varint(number * 8), varint(1)]);
const message = (...fields: readonly (Buffer | undefined)[]): Buffer => Buffer.concat(fields.filter((one) => one !== undefined));
const text = (number: number, value: unknown): Buffer | undefined => (typeof value === 'string' && value !== '' ? field(number, value) : undefined);
const texts = (number: number, value: unknown): Buffer | undefined => (Array.isArray(value) ? message(...value.map((one) => text(number, one))) : undefined);
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

/** { name = 1, value = 2 } */
const named = (name: string, value: Buffer): Buffer => message(field(1, name), field(2, value));

/** Fields that begin with x- are carried as YAML text: { name = 1, value = 2 { yaml = 2 } }. */
const extensions = (number: number, value: Json): Buffer =>
  message(
    ...Object.entries(value)
      .filter(([name]) => name.startsWith('x-'))
      .map(([name, content]) => field(number, named(name, field(2, toYaml(content))))),
  );

function schema(value: Json): Buffer {
  const { properties, additionalProperties, items } = value;
  return message(
    text(1, value['$ref']),
    text(2, value['format']),
    text(4, value['description']),
    texts(19, value['required']),
    additionalProperties === undefined ? undefined : field(21, field(1, schema(object(additionalProperties)))),
    typeof value['type'] === 'string' ? field(22, field(1, value['type'])) : undefined,
    items === undefined ? undefined : field(23, field(1, schema(object(items)))),
    properties === undefined ? undefined : field(25, namedSchemas(object(properties))),
    extensions(31, value),
  );
}

const namedSchemas = (all: Json): Buffer => message(...Object.entries(all).map(([name, one]) => field(1, named(name, schema(object(one))))));

/** { parameter = 1 { body = 1 } } or { parameter = 1 { other = 2 { query = 3 | path = 4 } } } */
function parameter(value: Json): Buffer {
  const required = value['required'] === true;
  if (value['in'] === 'body') {
    const body = message(text(2, value['name']), text(3, 'body'), required ? flag(4) : undefined, field(5, field(1, schema(object(value['schema'])))));
    return field(1, field(1, body));
  }
  const head = message(required ? flag(1) : undefined, text(2, value['in']), text(3, value['description']), text(4, value['name']));
  if (value['in'] === 'path') return field(1, field(2, field(4, message(head, text(5, value['type']), flag(19)))));
  return field(1, field(2, field(3, message(head, text(6, value['type']), flag(20)))));
}

const parameters = (number: number, value: unknown): Buffer | undefined =>
  Array.isArray(value) ? message(...value.map((one) => field(number, parameter(object(one))))) : undefined;

function operation(value: Json): Buffer {
  const responses = Object.entries(object(value['responses'])).map(([code, response]) => {
    const { description, schema: body } = object(response);
    // The schema of an answer is a union: { schema = 1 }.
    const content = message(text(1, description), body === undefined ? undefined : field(2, field(1, schema(object(body)))));
    return field(1, named(code, field(1, content)));
  });
  return message(
    texts(1, value['tags']),
    text(5, value['operationId']),
    texts(6, value['produces']),
    texts(7, value['consumes']),
    parameters(8, value['parameters']),
    field(9, message(...responses)),
    extensions(13, value),
  );
}

const METHODS: { readonly [method: string]: number } = { get: 2, put: 3, post: 4, delete: 5, patch: 8 };

function pathItem(value: Json): Buffer {
  const operations = Object.entries(METHODS).map(([method, number]) =>
    value[method] === undefined ? undefined : field(number, operation(object(value[method]))),
  );
  return message(...operations, parameters(9, value['parameters']));
}

/** The protobuf form of an OpenAPI 2 document. */
export function encodeOpenApiV2(document: object): Buffer {
  const root = object(document);
  const info = object(root['info']);
  const paths = Object.entries(object(root['paths'])).map(([path, item]) => field(2, named(path, pathItem(object(item)))));
  return message(
    text(1, root['swagger']),
    field(2, message(text(1, info['title']), text(2, info['version']))),
    field(8, message(...paths)),
    field(9, namedSchemas(object(root['definitions']))),
  );
}
