import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Read, RecordsProblem } from './problem.ts';

/** The first byte that is not UTF-8, by halving: the decoder itself only says that there is one. */
function firstBadByte(bytes: Uint8Array): number {
  const decodes = (end: number, stream = true): boolean => {
    try {
      // `stream` lets a character be cut at the end; what comes before must be whole.
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end), { stream });
      return true;
    } catch {
      // That is the answer: this part does not decode.
      return false;
    }
  };
  let [low, high] = [0, bytes.length];
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (decodes(middle)) low = middle;
    else high = middle;
  }
  // The first byte of a character that never ends is the bad one, not the byte after it.
  while (low > 0 && !decodes(low, false)) low--;
  return low;
}

export const ENCODINGS = ['utf-8', 'auto', 'windows-1252', 'utf-16le'] as const;
/** `auto` is UTF-8 where the bytes are, UTF-16 where a byte order mark says so, else Windows-1252; where some of a file is UTF-8 and some is not, each piece is what it is. */
export type Encoding = (typeof ENCODINGS)[number];

export interface Decoded {
  readonly text: string;
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'mixed';
}

const failed = (problem: RecordsProblem): { readonly ok: false; readonly problem: RecordsProblem } => ({ ok: false, problem });
const sayOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** More bytes than this may be more text than one string can hold. */
const BYTES_MAX = 500_000_000;

/** All bytes of a file, unpacked where its name ends in `.gz`. */
export function readBytes(file: string, shown: string): Read<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return failed({ kind: 'absent', file: shown });
    if (code === 'ERR_ACCESS_DENIED') throw error;
    return failed({ kind: 'unreadable', file: shown, why: sayOf(error) });
  }
  if (!shown.toLowerCase().endsWith('.gz')) return { ok: true, rows: bytes };
  try {
    return { ok: true, rows: gunzipSync(bytes) };
  } catch (error) {
    return failed({ kind: 'unreadable', file: shown, why: `it cannot be unpacked (${sayOf(error)})` });
  }
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8: the caller says where, or tries another encoding.
    return undefined;
  }
}

const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);

/** The lines of a file, each with its end. */
function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const next = bytes.indexOf(10, at);
    const end = next === -1 ? bytes.length : next + 1;
    yield bytes.subarray(at, end);
    at = end;
  }
}

const mark = (bytes: Uint8Array): number => (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);

/** Of bytes that are not UTF-8 as a whole. Files of two sources put together are so by line; only a letter beyond ASCII tells which. */
function encodingOf(bytes: Uint8Array): Exclude<Decoded['encoding'], 'utf-8'> {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (mark(bytes) > 0) return 'mixed';
  for (const line of linesOf(bytes)) if (isUtf8(line) && !isAscii(line)) return 'mixed';
  return 'windows-1252';
}

const older = new TextDecoder('windows-1252');
/** A piece of a file of which some is UTF-8. */
const decodePiece = (bytes: Uint8Array): string => (isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8') : older.decode(bytes));

/** Bytes as text, without a byte order mark. UTF-8 is strict: a byte that is none is a failure with its place. */
export function decode(bytes: Uint8Array, shown: string, encoding: Encoding): Read<Decoded> {
  if (bytes.length > BYTES_MAX) return failed({ kind: 'unreadable', file: shown, why: 'it is larger than 500 MB; split it' });
  const text = encoding === 'utf-8' || encoding === 'auto' ? utf8(bytes) : undefined;
  if (text !== undefined) return { ok: true, rows: { text, encoding: 'utf-8' } };
  if (encoding === 'utf-8') {
    const byte = firstBadByte(bytes);
    return failed({ kind: 'encoding', file: shown, byte, line: bytes.subarray(0, byte).filter((value) => value === 10).length + 1 });
  }
  const used = encoding === 'auto' ? encodingOf(bytes) : encoding;
  if (used === 'mixed') return { ok: true, rows: { text: [...linesOf(bytes.subarray(mark(bytes)))].map(decodePiece).join(''), encoding: used } };
  return { ok: true, rows: { text: new TextDecoder(used).decode(bytes), encoding: used } };
}

export interface CellText extends Decoded {
  /**
   * Makes the text of a cell. With it, the text is the bytes as they are, each a character: cells that are ASCII are then texts
   * of one byte a letter, which take half the memory and time.
   */
  readonly unpack: ((cell: string) => string) | undefined;
}

const BEYOND_ASCII = /[\x80-\xff]/;

/** The text of a cell of UTF-8. */
function unpack(cell: string): string {
  return BEYOND_ASCII.test(cell) ? Buffer.from(cell, 'latin1').toString('utf8') : cell;
}

/** The text of a cell of a file in which each may be in its own encoding. */
function unpackPiece(cell: string): string {
  return BEYOND_ASCII.test(cell) ? decodePiece(Buffer.from(cell, 'latin1')) : cell;
}

/** Bytes as text that is cut into cells, by signs of ASCII, before what is in them is decoded (`unpack`). */
export function decodeForCells(bytes: Uint8Array, shown: string, encoding: Encoding): Read<CellText> {
  const asBytes = (): string => Buffer.from(bytes.buffer, bytes.byteOffset + mark(bytes), bytes.length - mark(bytes)).toString('latin1');
  if ((encoding === 'utf-8' || encoding === 'auto') && bytes.length <= BYTES_MAX && isUtf8(bytes)) return { ok: true, rows: { text: asBytes(), encoding: 'utf-8', unpack } };
  if (encoding === 'auto' && bytes.length <= BYTES_MAX && encodingOf(bytes) === 'mixed') return { ok: true, rows: { text: asBytes(), encoding: 'mixed', unpack: unpackPiece } };
  const decoded = decode(bytes, shown, encoding);
  return decoded.ok ? { ok: true, rows: { ...decoded.rows, unpack: undefined } } : decoded;
}

/** A whole UTF-8 text file, without its byte order mark. */
export function readText(file: string, shown = file): Read<string> {
  const bytes = readBytes(file, shown);
  if (!bytes.ok) return bytes;
  const decoded = decode(bytes.rows, shown, 'utf-8');
  return decoded.ok ? { ok: true, rows: decoded.rows.text } : decoded;
}
