import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ReleaseFile } from '../release/files.ts';
import { wording } from '../wording.ts';
import { RequestProblem } from './problem.ts';

const pack = promisify(gzip);
/** Below this, packing saves less than it costs. */
const PACKED_MIN = 1024;

/** The name of a file, also for `/en/` and `/en/model` as people type them; undefined where there is none. */
export function nameOf(site: { has(name: string): boolean }, pathname: string): string | undefined {
  const name = pathname.slice(1);
  if (name === '' || name.endsWith('/')) return site.has(`${name}index.html`) ? `${name}index.html` : undefined;
  // The script that makes a page live takes the place of the empty one.
  if (name === 'assets/live.js' && site.has('assets/live-served.js')) return 'assets/live-served.js';
  if (site.has(name)) return name;
  return site.has(`${name}.html`) ? `${name}.html` : undefined;
}

/**
 * How long a copy counts. An asset that is asked for with its release never changes. Pages and downloads hold reviews, which
 * somebody may want forgotten: they are asked for anew each time, and downloads are kept by nobody in between.
 */
function cachingOf(name: string, isPinned: boolean): string {
  if (name.startsWith('downloads/')) return 'private, no-cache';
  return isPinned && name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** Whether a client takes gzip: it may name it and refuse it, by `q=0`. */
function takesGzip(header: string): boolean {
  const found = /(?:^|[,\s])(?:x-)?gzip\s*(?:;\s*q=([\d.]*)\s*)?(?:,|$)/i.exec(header);
  return found !== null && Number(found[1] ?? 1) > 0;
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

async function sendLarge(request: IncomingMessage, response: ServerResponse, { file, bytes, headers }: { readonly file: string; readonly bytes: number; readonly headers: Record<string, string | number> }): Promise<void> {
  const range = rangeOf(request.headers.range, bytes);
  if (range === null) {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${bytes}` });
    response.end();
    return;
  }
  // Before anything is promised: its release may have left the disk.
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) throw new RequestProblem({ status: 503, detail: wording.releaseLeft });
  const { start, end } = range ?? { start: 0, end: bytes - 1 };
  const length = { 'Content-Length': end - start + 1, 'Accept-Ranges': 'bytes' };
  response.writeHead(range === undefined ? 200 : 206, { ...headers, ...length, ...(range === undefined ? {} : { 'Content-Range': `bytes ${start}-${end}/${bytes}` }) });
  if (request.method === 'HEAD') {
    response.end();
    await handle.close();
    return;
  }
  // A file that is cut in the middle ends the answer, not the process.
  pipeline(handle.createReadStream({ start, end }), response, () => undefined);
}

export interface Sent {
  readonly name: string;
  readonly file: ReleaseFile;
  /** Asked for with its release. */
  readonly isPinned: boolean;
}

/** Sends a file of a release: small ones from memory, packed once. */
export async function sendFile(request: IncomingMessage, response: ServerResponse, { name, file, isPinned }: Sent): Promise<void> {
  const headers: Record<string, string | number> = { 'Content-Type': file.type, ETag: file.etag, 'Cache-Control': cachingOf(name, isPinned) };
  if (file.isText) headers.Vary = 'Accept-Encoding';
  if (request.headers['if-none-match']?.includes(file.etag) === true) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  const { body } = file;
  if (body === null) return sendLarge(request, response, { file: file.file, bytes: file.bytes, headers });
  const isPacked = file.isText && file.bytes >= PACKED_MIN && takesGzip(String(request.headers['accept-encoding'] ?? ''));
  const content = isPacked ? await (file.packed ??= pack(body)) : body;
  response.writeHead(200, { ...headers, 'Content-Length': content.length, ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}) });
  response.end(request.method === 'HEAD' ? undefined : content);
}
