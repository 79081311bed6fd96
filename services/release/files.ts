import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

/** A file of a release as it is served. Small ones are held in memory: they are read for their hash anyway. */
export interface ReleaseFile {
  readonly file: string;
  readonly type: string;
  /** Of the content: the same bytes in another release are not sent again. */
  readonly etag: string;
  readonly bytes: number;
  readonly body: Buffer | null;
  readonly isText: boolean;
  packed?: Promise<Buffer>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.json': 'application/json; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png', '.ipynb': 'application/json; charset=utf-8', '.txt': 'text/plain; charset=utf-8',
};

/** Larger files are downloads: they are streamed from the disk. */
const HELD_MAX = 4 * 1024 * 1024;

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Reads a file and compares it with its hash; null where it is not what the manifest says. */
export async function loadFile(folder: string, name: string, hash: string): Promise<ReleaseFile | null> {
  const file = path.join(folder, name);
  const type = TYPES[path.extname(name)] ?? 'application/octet-stream';
  const common = { file, type, etag: `"${hash.slice(0, 32)}"`, isText: /^(text|image\/svg)|json|javascript/.test(type) };
  try {
    const { size } = await stat(file);
    if (size > HELD_MAX) return (await hashOf(file)) === hash ? { ...common, bytes: size, body: null } : null;
    const body = await readFile(file);
    return createHash('sha256').update(body).digest('hex') === hash ? { ...common, bytes: body.length, body } : null;
  } catch {
    // It is not there, or cannot be read: the release is not whole.
    return null;
  }
}
