import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
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

export function traceOf(id: string, versions: readonly Review[]): Trace {
  return { id, pieces: [...new Set(versions.flatMap(({ text }) => piecesOf(text)))] };
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

/** The id as a word of its own: an id that begins another one is not that one. */
function hasId(content: string, id: string): boolean {
  const isPart = (character: string | undefined): boolean => character !== undefined && /[\w-]/.test(character);
  for (let at = content.indexOf(id); at !== -1; at = content.indexOf(id, at + 1)) if (!isPart(content[at - 1]) && !isPart(content[at + id.length])) return true;
  return false;
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
