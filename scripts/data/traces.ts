import { closeSync, fstatSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseCsv } from '../../records/parse-csv.ts';
import { unguard } from '../../schema/formula.ts';
import type { Trace } from '../../storage/erasing.ts';

/** Shorter pieces ("bagus sekali") are of many people. Long runs are cut into some: a database parts them, and one shows enough. */
const PIECE = 24;

/** The longest runs of letters, digits and spaces: quotes, tags and line ends differ between CSV, JSON and HTML. */
function piecesOf(text: string): readonly string[] {
  const runs = (text.toLowerCase().match(/[\p{L}\p{N} ]+/gu) ?? []).map((run) => run.trim()).filter((run) => run.length >= PIECE);
  return runs.flatMap((run) => {
    const pieces = Math.floor(run.length / PIECE);
    return Array.from({ length: pieces }, (_, index) => run.slice(index * PIECE, index + 1 === pieces ? undefined : (index + 1) * PIECE));
  });
}

/** What gives a review away: its id, and pieces of all that its versions said; what others say too is struck out of them before a file is looked at. */
export function traceOf(id: string, texts: readonly string[], stays: { readonly ids: readonly string[]; readonly idsElsewhere: ReadonlySet<string> }): Trace {
  return { id, pieces: [...new Set(texts.flatMap(piecesOf))], isOnly: !stays.idsElsewhere.has(id), isDistinct: !stays.ids.some((other) => other.includes(id)) };
}

/** Shorter ids ("17") are found in files that have nothing to do with reviews: of these only what calls itself an id counts. */
const OWN_ID_MIN = 12;

/** Whether a table with a column "id" has the id in it; undefined for what is no such table. */
function hasCell(content: string, id: string): boolean | undefined {
  const end = content.indexOf('\n');
  const place = (end === -1 ? content : content.slice(0, end)).replace('\ufeff', '').trim().split(',').indexOf('id');
  if (place === -1) return undefined;
  let found = false;
  const fault = parseCsv(content, (cells) => void (found ||= unguard(cells[place] ?? '') === id));
  return fault === undefined ? found : undefined;
}

/** The id as a word of its own: an id that begins another one is not that one. */
function hasWord(content: string, id: string): boolean {
  const isPart = (character: string | undefined): boolean => character !== undefined && /[\w-]/.test(character);
  for (let at = content.indexOf(id); at !== -1; at = content.indexOf(id, at + 1)) if (!isPart(content[at - 1]) && !isPart(content[at + id.length])) return true;
  return false;
}

function hasId(content: string, id: string): boolean {
  if (!content.includes(id)) return false;
  const cell = hasCell(content, id);
  if (cell !== undefined) return cell;
  return id.length >= OWN_ID_MIN ? hasWord(content, id) : content.includes(`"id":${JSON.stringify(id)}`) || content.includes(`"id": ${JSON.stringify(id)}`);
}

/** Files beneath a folder, links not followed; nothing where there is no such folder. `passed`: names that are not looked at. */
export function filesBeneath(folder: string, passed: ReadonlySet<string> = new Set()): readonly string[] {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (passed.has(entry.name)) return [];
    return entry.isDirectory() ? filesBeneath(file, passed) : entry.isFile() ? [file] : [];
  });
}

/** Larger files that are not packed are looked at in parts, each with the end of the one before, in which a piece may have begun. */
const [PART, OVERLAP] = [64 * 1024 * 1024, 64 * 1024];

function* contentsOf(file: string): Generator<string> {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size <= PART || file.endsWith('.gz')) {
      yield textOf(readFileSync(descriptor), file);
      return;
    }
    const bytes = Buffer.allocUnsafe(PART);
    for (let at = 0; at < size; at += PART - OVERLAP) yield bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, PART, at));
  } finally {
    closeSync(descriptor);
  }
}

function textOf(bytes: Buffer, file: string): string {
  if (!file.endsWith('.gz')) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch {
    // Named so, but not packed: as it is.
    return bytes.toString('utf8');
  }
}

/** Databases, in whose bytes an id has anything for neighbours. */
const isDatabase = (file: string): boolean => /\.(?:db|sqlite)(?:-\w+)?$|[\\/]stores[\\/]sql[\\/]/.test(file);

export interface Look {
  /** Whether ids that another dataset has as well count. */
  readonly shared: boolean;
}

/** Whether a file shows one of the reviews, by its id or by a piece of what it said. */
export function shows(file: string, traces: readonly Trace[], { shared }: Look): boolean {
  const named = traces.filter(({ isOnly }) => isOnly || shared);
  const inBytes = isDatabase(file);
  for (const content of contentsOf(file)) {
    if (named.some(({ id, isDistinct }) => (inBytes ? isDistinct && content.includes(id) : hasId(content, id)))) return true;
    const pieces = traces.flatMap((trace) => trace.pieces);
    if (pieces.length === 0) continue;
    const small = content.toLowerCase();
    if (pieces.some((piece) => small.includes(piece))) return true;
  }
  return false;
}
