/** Serves the page from memory: read, compressed and named by its content once, at start. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SessionGate } from './session.ts';
import type { WebApp } from './zod-door.ts';

const pagesFolder = join(import.meta.dirname, '../../pages');

/** The only files that leave the folder, so no path of a request ever reaches the disk. */
const files = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/neighbourhood': ['index.html', 'text/html; charset=utf-8'],
  '/home': ['sign-in.html', 'text/html; charset=utf-8'],
  '/sign-in': ['sign-in.html', 'text/html; charset=utf-8'],
  '/sign-in.js': ['sign-in.js', 'text/javascript; charset=utf-8'],
  '/sign-in.html': ['sign-in.html', 'text/html; charset=utf-8'],
  '/home.html': ['home.html', 'text/html; charset=utf-8'],
  '/home.css': ['home.css', 'text/css; charset=utf-8'],
  '/home-parts.css': ['home-parts.css', 'text/css; charset=utf-8'],
  '/home-energy.css': ['home-energy.css', 'text/css; charset=utf-8'],
  '/home.js': ['home.js', 'text/javascript; charset=utf-8'],
  '/home-draw.js': ['home-draw.js', 'text/javascript; charset=utf-8'],
  '/home-words.js': ['home-words.js', 'text/javascript; charset=utf-8'],
  '/chart.js': ['chart.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/trades.css': ['trades.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/words.js': ['words.js', 'text/javascript; charset=utf-8'],
  '/receipt': ['receipt.html', 'text/html; charset=utf-8'],
  '/receipt.html': ['receipt.html', 'text/html; charset=utf-8'],
  '/receipt.css': ['receipt.css', 'text/css; charset=utf-8'],
  '/receipt.js': ['receipt.js', 'text/javascript; charset=utf-8'],
  '/receipt-check.js': ['receipt-check.js', 'text/javascript; charset=utf-8'],
  '/keeper': ['keeper.html', 'text/html; charset=utf-8'],
  '/keeper.html': ['keeper.html', 'text/html; charset=utf-8'],
  '/keeper.css': ['keeper.css', 'text/css; charset=utf-8'],
  '/keeper.js': ['keeper.js', 'text/javascript; charset=utf-8'],
  '/keeper-draw.js': ['keeper-draw.js', 'text/javascript; charset=utf-8'],
  '/keeper-enrol.js': ['keeper-enrol.js', 'text/javascript; charset=utf-8'],
  '/keeper-reviews.js': ['keeper-reviews.js', 'text/javascript; charset=utf-8'],
  '/keeper-words.js': ['keeper-words.js', 'text/javascript; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
} as const;

/** Whoever checks a receipt asks a node of their own choice, and not the hub. */
function askAnyNode(reply: FastifyReply): void {
  const policy = String(reply.getHeader('content-security-policy') ?? '');
  reply.header('content-security-policy', policy.replace("connect-src 'self'", 'connect-src *'));
}

type Packed = {
  readonly name: string;
  readonly type: string;
  readonly raw: Buffer;
  readonly zipped: Buffer;
  readonly etag: string;
};

function pack(name: string, type: string): Packed {
  const raw = readFileSync(join(pagesFolder, name));
  const etag = `"${createHash('sha256').update(raw).digest('base64url').slice(0, 22)}"`;
  return { name, type, raw, zipped: gzipSync(raw, { level: 9 }), etag };
}

/**
 * Adds one route per file; at `/` whoever is signed in finds their own page and everybody else the neighbourhood's;
 * at `/home` everybody else signs in.
 * Throws when a file is missing: the installation is broken.
 */
export function addPageFiles(app: WebApp, sessions?: SessionGate): void {
  const home = pack('home.html', files['/'][1]);
  for (const [url, [name, type]] of Object.entries(files)) {
    const page = pack(name, type);
    app.get(url, { schema: { hide: true } }, (request, reply) => {
      const isHome = ['/', '/home'].includes(url) && sessions?.householdOf(request) !== undefined;
      return send(isHome ? home : page, request, reply);
    });
  }
}

function send(
  { name, type, raw, zipped, etag }: Packed,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (name === 'receipt.html') askAnyNode(reply);
  // The address carries no version, so the browser asks each time and mostly hears "unchanged".
  reply.headers({ etag, 'cache-control': 'no-cache', vary: 'accept-encoding, cookie' });
  if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send();
  reply.type(type);
  const accepted = String(request.headers['accept-encoding'] ?? '');
  // Browsers take brotli only over https, which a hub on a LAN does not have.
  return /\bgzip\b/.test(accepted)
    ? reply.header('content-encoding', 'gzip').send(zipped)
    : reply.send(raw);
}
