import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ReleaseFile } from '../release/files.ts';
import type { Release } from '../release/load.ts';

const pack = promisify(gzip);
/** Below this, packing saves less than it costs. */
const PACKED_MIN = 1024;

/** `/en/` and `/en/model` as people type them, beside the names of the files. */
function findFile({ site }: Release, path: string): ReleaseFile | undefined {
  const name = path.slice(1);
  if (name === '' || name.endsWith('/')) return site.get(`${name}index.html`);
  // The script that makes a page live takes the place of the empty one.
  if (name === 'assets/live.js') return site.get('assets/live-served.js') ?? site.get(name);
  return site.get(name) ?? site.get(`${name}.html`);
}

/** `bytes=0-99` of a file of so many bytes; undefined where the header is none that is understood, null where it cannot be met. */
function rangeOf(header: string | undefined, bytes: number): { readonly start: number; readonly end: number } | null | undefined {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (found === null || (found[1] === '' && found[2] === '')) return undefined;
  const [, first = '', last = ''] = found;
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  return start > end || start >= bytes ? null : { start, end };
}

function sendLarge(request: IncomingMessage, response: ServerResponse, { file, bytes, headers }: { readonly file: string; readonly bytes: number; readonly headers: Record<string, string | number> }): void {
  const range = rangeOf(request.headers.range, bytes);
  if (range === null) {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${bytes}` });
    response.end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: bytes - 1 };
  const length = { 'Content-Length': end - start + 1, 'Accept-Ranges': 'bytes' };
  response.writeHead(range === undefined ? 200 : 206, { ...headers, ...length, ...(range === undefined ? {} : { 'Content-Range': `bytes ${start}-${end}/${bytes}` }) });
  if (request.method === 'HEAD') response.end();
  // A file that goes away in the middle ends the answer, not the process.
  else pipeline(createReadStream(file, { start, end }), response, () => undefined);
}

/** A file of the release that serves, or of an earlier one whose page somebody has open. False where there is none. */
export async function serveFile(request: IncomingMessage, response: ServerResponse, { path, release, isPinned }: { readonly path: string; readonly release: Release; readonly isPinned: boolean }): Promise<boolean> {
  const found = findFile(release, path);
  if (found === undefined) return false;
  // A file that is asked for with its release never changes.
  const headers: Record<string, string | number> = { 'Content-Type': found.type, ETag: found.etag, 'Cache-Control': isPinned ? 'public, max-age=31536000, immutable' : 'no-cache' };
  if (found.isText) headers.Vary = 'Accept-Encoding';
  if (request.headers['if-none-match']?.includes(found.etag) === true) {
    response.writeHead(304, headers);
    response.end();
    return true;
  }
  const { body } = found;
  if (body === null) {
    sendLarge(request, response, { file: found.file, bytes: found.bytes, headers });
    return true;
  }
  const isPacked = found.isText && found.bytes >= PACKED_MIN && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const content = isPacked ? await (found.packed ??= pack(body)) : body;
  response.writeHead(200, { ...headers, 'Content-Length': content.length, ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}) });
  response.end(request.method === 'HEAD' ? undefined : content);
  return true;
}
