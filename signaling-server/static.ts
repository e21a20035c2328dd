/**
 * Serves the built app. The obvious way, joining the request's path to the folder, hands out the disk to
 * `/..%2f`; so a path is taken apart first, anything unusual in it is refused, and what it leads to must still
 * lie inside the folder after links are followed.
 *
 * Files under /assets/ carry a hash of their content in their name and are kept by browsers for ever. All
 * others are asked for again each time and mostly answered with 304, so that an update shows at the next visit.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { basename, extname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { OtherServers } from './also.ts';
import { securityHeaders } from './headers.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
const COMPRESSIBLE = /^(?:text\/|application\/(?:json|manifest|wasm)|image\/svg)/;
/** Smaller answers fit in one packet either way. */
const gzipBytesMin = 1024;
/** Compressed files kept; the whole app is about 1 MB, so only a folder that is no build of ours gets near it. */
const gzipCacheBytesMax = 32 * 1024 * 1024;

const compress = promisify(gzip);

interface Found {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/**
 * The path's segments, decoded; undefined for what no honest page asks for: `..`, hidden files, `//`,
 * backslashes, NULs, broken escapes. `urlPath` is what came before `?`.
 */
function segmentsOf(urlPath: string): string[] | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  if (!decoded.startsWith('/') || /\/\/|[\\:\u0000-\u001f\u007f]/.test(decoded)) return undefined;
  const segments = decoded.split('/').filter(segment => segment !== '');
  return segments.some(segment => segment.startsWith('.')) ? undefined : segments;
}

export class StaticFiles {
  readonly #distDir: string;
  readonly #tls: boolean;
  readonly #also: OtherServers;
  readonly #gzipped = new Map<string, Promise<Buffer>>();
  #gzippedBytes = 0;

  constructor(distDir: string, tls: boolean, also: OtherServers) {
    this.#distDir = distDir;
    this.#tls = tls;
    this.#also = also;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = securityHeaders(request.headers.host, this.#tls, this.#also.origins);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(response, 405, 'Only GET and HEAD are served here.', { ...headers, allow: 'GET, HEAD' });
      return;
    }
    const [urlPath = '/'] = (request.url ?? '/').split('?', 1);
    const segments = segmentsOf(urlPath);
    if (segments === undefined) {
      answer(response, 400, 'Not a path of this app.', headers);
      return;
    }
    const found = await this.#find(segments, wantsPage(request, segments));
    if (found === undefined) {
      const unbuilt = segments.length === 0;
      answer(
        response,
        unbuilt ? 503 : 404,
        unbuilt ? 'The app is not built yet: run "npm run build".' : 'Not found.',
        headers,
      );
      return;
    }
    await this.#send(request, response, found, segments[0] === 'assets', headers);
  }

  /** The file itself, or the app's page for an address inside the app (such as /s). */
  async #find(segments: readonly string[], page: boolean): Promise<Found | undefined> {
    const exact = segments.length > 0 ? await this.#file(segments) : undefined;
    return exact ?? (page ? await this.#file(['index.html']) : undefined);
  }

  async #file(segments: readonly string[]): Promise<Found | undefined> {
    try {
      const root = await realpath(this.#distDir);
      const path = await realpath(join(root, ...segments));
      if (!path.startsWith(root + sep)) return undefined;
      const about = await stat(path);
      return about.isFile() ? { path, bytes: about.size, modifiedMs: about.mtimeMs } : undefined;
    } catch {
      return undefined;
    }
  }

  async #send(
    request: IncomingMessage,
    response: ServerResponse,
    found: Found,
    hashed: boolean,
    security: OutgoingHttpHeaders,
  ): Promise<void> {
    const type = CONTENT_TYPES[extname(found.path).toLowerCase()] ?? 'application/octet-stream';
    const compressible = COMPRESSIBLE.test(type) && found.bytes >= gzipBytesMin;
    const gzipped = compressible && acceptsGzip(request.headers['accept-encoding']);
    const version = `${found.bytes.toString(36)}-${Math.round(found.modifiedMs).toString(36)}${this.#also.tagOf(basename(found.path))}`;
    const etag = `"${version}${gzipped ? '-gz' : ''}"`;
    const headers: OutgoingHttpHeaders = {
      ...security,
      'content-type': type,
      'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag,
      ...(compressible ? { vary: 'Accept-Encoding' } : {}),
      ...(gzipped ? { 'content-encoding': 'gzip' } : {}),
    };
    if (matches(request.headers['if-none-match'], etag)) {
      response.writeHead(304, headers).end();
      return;
    }
    const body = gzipped ? await this.#gzip(found.path, version) : await this.#read(found.path);
    response.writeHead(200, { ...headers, 'content-length': body.length });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  async #read(path: string): Promise<Buffer> {
    return this.#also.into(basename(path), await readFile(path));
  }

  /** Each file is compressed once a version, even when many ask for it at once. */
  #gzip(path: string, version: string): Promise<Buffer> {
    const key = `${path}\n${version}`;
    const known = this.#gzipped.get(key);
    if (known !== undefined) return known;
    const fresh = this.#read(path).then(bytes => compress(bytes, { level: 9 }));
    this.#gzipped.set(key, fresh);
    fresh.then(
      bytes => {
        this.#gzippedBytes += bytes.length;
        if (this.#gzippedBytes <= gzipCacheBytesMax) return;
        // Rebuilt many times while the server ran: start over rather than keep book of what is still asked for.
        this.#gzipped.clear();
        this.#gzippedBytes = 0;
      },
      () => this.#gzipped.delete(key),
    );
    return fresh;
  }
}

/** Addresses inside the app have no file ending; a missing script must stay a 404, not turn into a page. */
function wantsPage(request: IncomingMessage, segments: readonly string[]): boolean {
  if (segments.length === 0) return true;
  if (segments[0] === 'assets' || (segments.at(-1) ?? '').includes('.')) return false;
  const { accept, 'sec-fetch-mode': mode } = request.headers;
  return mode === 'navigate' || (accept ?? '').includes('text/html');
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .some(one => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/.test(one));
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some(one => one.trim().replace(/^W\//, '') === etag);
}

export function answer(
  response: ServerResponse,
  status: number,
  sentence: string,
  headers: OutgoingHttpHeaders,
): void {
  const body = `${sentence}\n`;
  response.writeHead(status, {
    ...headers,
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
