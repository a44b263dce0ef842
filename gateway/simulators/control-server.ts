/** A loopback table of JSON calls by which a demo's parent and tests steer the simulated world. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ControlRoute } from './daraja/control.ts';
import { type InterruptibleServer, listenInterruptibly } from './interruptible-server.ts';

const prefix = '/control';
const bodyBytesMax = 65_536;

/** Serves each route below `/control`. `port` 0 is any free port; throws when the port is taken. */
export async function serveControl(
  routes: readonly ControlRoute[],
  port: number,
): Promise<InterruptibleServer> {
  const byName = new Map(routes.map((route) => [`${route.method} ${prefix}${route.path}`, route]));
  return listenInterruptibly((request, response) => {
    const route = byName.get(`${request.method} ${request.url}`);
    if (route === undefined) return reply(response, 404, { ok: false });
    answer(route, request).then(
      ({ status, body }) => reply(response, status, body),
      () => reply(response, 500, { ok: false }),
    );
    return undefined;
  }, port);
}

async function answer(route: ControlRoute, request: IncomingMessage) {
  if (route.method === 'GET') return route.answer(undefined);
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bodyBytesMax) return { status: 413, body: { ok: false } };
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  return route.answer(text === '' ? undefined : parse(text));
}

/** Undefined for what is no JSON: the route then refuses it. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
