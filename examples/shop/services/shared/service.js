// What the three services share: a small HTTP server with health, readiness, JSON and a graceful end.
import { createServer } from 'node:http';
import { hostname } from 'node:os';

const reply = (response, status, body, type = 'application/json') => {
  response.writeHead(status, { 'content-type': type, 'x-served-by': hostname() });
  response.end(type === 'application/json' ? JSON.stringify(body) : body);
};

const readJson = async (request) => {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 100_000) throw Object.assign(new Error('the body is larger than 100 kB'), { status: 413 });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw Object.assign(new Error('the body is not JSON'), { status: 400 });
  }
};

/** Serves `routes` ('GET /path' -> handler) until SIGTERM; then finishes what is under way and exits 0. */
export function serve({ name, port, routes, ready = () => true }) {
  let stopping = false;
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://shop');
    if (stopping) response.setHeader('connection', 'close');
    if (pathname === '/health') return reply(response, 200, { status: 'ok', service: name });
    if (pathname === '/ready') return ready() && !stopping ? reply(response, 200, { status: 'ready' }) : reply(response, 503, { status: 'not ready' });
    const [, head = '', id] = pathname.match(/^(.*?)(?:\/([\w-]+))?$/) ?? [];
    const route = routes[`${request.method} ${pathname}`] ?? (id && routes[`${request.method} ${head}/:id`]);
    if (!route) return reply(response, 404, { error: `${name} has no ${request.method} ${pathname}` });
    try {
      const { status = 200, body, type } = await route({ id, headers: request.headers, body: () => readJson(request) });
      reply(response, status, body, type);
    } catch (error) {
      console.error(`${request.method} ${pathname}: ${error.stack ?? error}`);
      reply(response, error.status ?? 500, { error: error.message });
    }
  });
  server.listen(port, () => console.log(`${name} listens on ${port}`));
  process.on('SIGTERM', () => {
    stopping = true;
    console.log(`${name} got SIGTERM and finishes what is under way`);
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}

/** Asks another service, with a limit of two seconds. Its error becomes ours. */
export async function ask(url, options = {}) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2000), ...options });
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body.error ?? `${url} answered ${answer.status}`), { status: answer.status < 500 ? answer.status : 502 });
  return body;
}
