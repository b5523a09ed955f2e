import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Definitions, notAcceptable, unknownResource } from '../../apimachinery/index.ts';
import { type Descriptions, descriptions as loadDescriptions } from '../../kinds/index.ts';
import type { ServedGroup } from '../discovery/groups.ts';
import { mediaRanges } from '../request/accept.ts';
import type { Answer } from '../request/answer.ts';
import type { Call } from '../request/call.ts';
import { documentV2 } from './document-v2.ts';
import { documentV3 } from './document-v3.ts';
import { encodeOpenApiV2, PROTOBUF_V2, PROTOBUF_V2_ANSWER } from './protobuf-v2.ts';

/** Answers /openapi/v2 and /openapi/v3/…; undefined for other paths. */
export type OpenApiHandler = (call: Call) => Promise<Answer | undefined>;

interface Document {
  readonly bytes: Buffer;
  readonly hash: string;
  gzipped?: Promise<Buffer>;
}

const compress = promisify(gzip);

/** Documents are built when first asked for and kept: they never change while the server runs. */
export function createOpenApi(groups: readonly ServedGroup[], definitions: Definitions): OpenApiHandler {
  const cache = new Map<string, Promise<Document>>();
  const document = (key: string, build: (texts: Descriptions) => object | Buffer): Promise<Document> => {
    const known = cache.get(key);
    if (known) return known;
    const built = loadDescriptions().then((texts) => {
      const built = build(texts);
      const bytes = Buffer.isBuffer(built) ? built : Buffer.from(JSON.stringify(built));
      return { bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() };
    });
    cache.set(key, built);
    return built;
  };
  const versions = groups.flatMap((group) => group.versions.map((version) => ({ path: pathOf(group.group, version.version), group: group.group, version })));
  const versionDocument = (path: string): Promise<Document> | undefined => {
    const found = versions.find((one) => one.path === path);
    return found && document(path, (texts) => documentV3(found.group, found.version, definitions, texts));
  };

  return async (call) => {
    if (call.path === '/openapi/v2') {
      const build = (texts: Descriptions) => documentV2(groups, definitions, texts);
      if (wantsProtobuf(call)) return answer(call, await document('v2 protobuf', (texts) => encodeOpenApiV2(build(texts))), {}, PROTOBUF_V2_ANSWER);
      requireJson(call);
      return answer(call, await document('v2', build), {});
    }
    if (call.path === '/openapi/v3') {
      const entries = await Promise.all(
        versions.map(async ({ path }) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${(await versionDocument(path))?.hash}` }]),
      );
      return { type: 'object', status: 200, object: { paths: Object.fromEntries(entries) } };
    }
    if (!call.path.startsWith('/openapi/v3/')) return undefined;
    requireJson(call);
    const found = versionDocument(call.path.slice('/openapi/v3/'.length));
    if (!found) throw unknownResource();
    const built = await found;
    // A client that names the content it wants may keep it for ever.
    const immutable = call.query.get('hash') === built.hash;
    return answer(call, built, immutable ? { 'cache-control': 'public, immutable', expires: new Date(Date.UTC(2100, 0)).toUTCString() } : {});
  };
}

const pathOf = (group: string, version: string): string => (group ? `apis/${group}/${version}` : `api/${version}`);

const PROTOBUF_NAMES = new Set([PROTOBUF_V2, 'application/com.github.googleapis.gnostic.openapiv2.document+protobuf']);

/** Whether the client reads no JSON, but the protobuf form. */
const wantsProtobuf = ({ headers }: Call): boolean => {
  const first = mediaRanges(headers['accept'] ?? '')[0];
  return first !== undefined && PROTOBUF_NAMES.has(first.type);
};

/** The other documents exist as JSON only; a client that asks for protobuf alone is told so, and falls back. */
function requireJson({ headers }: Call): void {
  const ranges = mediaRanges(headers['accept'] ?? '');
  if (ranges.length === 0 || ranges.some(({ type }) => type === 'application/json' || type === '*/*' || type === 'application/*')) return;
  throw notAcceptable('only the following media types are accepted: application/json');
}

async function answer(call: Call, document: Document, headers: { readonly [name: string]: string }, contentType = 'application/json'): Promise<Answer> {
  const etag = `"${document.hash}"`;
  const common = { etag, vary: 'Accept-Encoding, Accept', ...headers };
  if (call.headers['if-none-match'] === etag) return { type: 'text', status: 304, text: '', contentType, headers: common };
  if (/\bgzip\b/.test(call.headers['accept-encoding'] ?? '')) {
    document.gzipped ??= compress(document.bytes);
    return { type: 'text', status: 200, text: await document.gzipped, contentType, headers: { ...common, 'content-encoding': 'gzip' } };
  }
  return { type: 'text', status: 200, text: document.bytes, contentType, headers: common };
}
