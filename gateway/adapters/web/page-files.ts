/** Serves the page from memory: read, compressed and named by its content once, at start. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyReply } from 'fastify';
import type { WebApp } from './zod-door.ts';

const pagesFolder = join(import.meta.dirname, '../../pages');

/** The only files that leave the folder, so no path of a request ever reaches the disk. */
const files = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/trades.css': ['trades.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/words.js': ['words.js', 'text/javascript; charset=utf-8'],
  '/receipt': ['receipt.html', 'text/html; charset=utf-8'],
  '/receipt.html': ['receipt.html', 'text/html; charset=utf-8'],
  '/receipt.css': ['receipt.css', 'text/css; charset=utf-8'],
  '/receipt.js': ['receipt.js', 'text/javascript; charset=utf-8'],
  '/receipt-check.js': ['receipt-check.js', 'text/javascript; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
} as const;

/** Whoever checks a receipt asks a node of their own choice, and not the hub. */
function askAnyNode(reply: FastifyReply): void {
  const policy = String(reply.getHeader('content-security-policy') ?? '');
  reply.header('content-security-policy', policy.replace("connect-src 'self'", 'connect-src *'));
}

/** Adds one route per file. Throws when a file is missing: the installation is broken. */
export function addPageFiles(app: WebApp): void {
  for (const [url, [name, type]] of Object.entries(files)) {
    const raw = readFileSync(join(pagesFolder, name));
    const packed = gzipSync(raw, { level: 9 });
    const etag = `"${createHash('sha256').update(raw).digest('base64url').slice(0, 22)}"`;

    app.get(url, { schema: { hide: true } }, (request, reply) => {
      if (name === 'receipt.html') askAnyNode(reply);
      // The address carries no version, so the browser asks each time and mostly hears "unchanged".
      reply.headers({ etag, 'cache-control': 'no-cache', vary: 'accept-encoding' });
      if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send();
      reply.type(type);
      const accepted = String(request.headers['accept-encoding'] ?? '');
      // Browsers take brotli only over https, which a hub on a LAN does not have.
      return /\bgzip\b/.test(accepted)
        ? reply.header('content-encoding', 'gzip').send(packed)
        : reply.send(raw);
    });
  }
}
