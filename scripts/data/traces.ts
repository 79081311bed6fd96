import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseCsv } from '../../records/parse-csv.ts';
import { unguard } from '../../schema/formula.ts';
import type { Review } from '../../schema/review.ts';

/** What gives a review away in a file: its id, and pieces of its text that no way of escaping changes. */
export interface Trace {
  readonly id: string;
  /** In small letters. */
  readonly pieces: readonly string[];
}

/** Shorter pieces ("bagus sekali") are of many people. */
const PIECE_MIN = 24;

/** The longest runs of letters, digits and spaces: quotes, tags and line ends differ between CSV, JSON and HTML. */
function piecesOf(text: string): readonly string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N} ]+/gu) ?? []).map((piece) => piece.trim()).filter((piece) => piece.length >= PIECE_MIN);
}

/** What others wrote too gives nobody away: pieces that stand in a remaining review are left out. */
export function traceOf(id: string, versions: readonly Review[], remaining: readonly Review[]): Trace {
  const pieces = new Set(versions.flatMap(({ text }) => piecesOf(text)));
  for (const { text } of remaining) {
    const small = text.toLowerCase();
    for (const piece of pieces) if (small.includes(piece)) pieces.delete(piece);
  }
  return { id, pieces: [...pieces] };
}

function contentOf(file: string): string {
  const bytes = readFileSync(file);
  if (!file.endsWith('.gz')) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch {
    // Named so, but not packed: as it is.
    return bytes.toString('utf8');
  }
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

/** Files beneath a folder, links not followed; nothing where there is no such folder. */
export function filesBeneath(folder: string): readonly string[] {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? filesBeneath(file) : entry.isFile() ? [file] : [];
  });
}

/** Larger files are databases or models that no text of a review is in as it is. */
const SIZE_MAX = 400 * 1024 * 1024;

export function shows(file: string, traces: readonly Trace[]): boolean {
  if (lstatSync(file).size > SIZE_MAX) return false;
  const content = contentOf(file);
  if (traces.some(({ id }) => hasId(content, id))) return true;
  const pieces = traces.flatMap((trace) => trace.pieces);
  if (pieces.length === 0) return false;
  const small = content.toLowerCase();
  return pieces.some((piece) => small.includes(piece));
}
