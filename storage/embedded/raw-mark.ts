import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Stamp } from '../stamp.ts';

/**
 * The file of the embedded store carries a mark of what was stamped last, at a place that SQLite leaves to programs (`pragma
 * application_id`). It stands in the first bytes of the file, so that a file that was emptied, cut, or is of another store or another
 * time is told from the one that was stamped without opening the database.
 */

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
/** Places in the header, all big-endian (https://www.sqlite.org/fileformat.html#the_database_header). */
const [PAGE_BYTES, PAGES, APPLICATION_ID] = [16, 28, 68];

/** 31 bits, none of which is a sign. */
export function markOf({ target, rows, checksum }: Stamp): number {
  return Number.parseInt(hash('sha256', JSON.stringify([target, rows, checksum]), 'hex').slice(0, 8), 16) >>> 1;
}

/** The mark in a file; null where it is no whole database, or cannot be read. */
export function markIn(file: string): number | null {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const header = Buffer.alloc(HEADER_BYTES);
    if (readSync(descriptor, header) < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC) return null;
    const pageBytes = header.readUInt16BE(PAGE_BYTES) === 1 ? 2 ** 16 : header.readUInt16BE(PAGE_BYTES);
    if (fstatSync(descriptor).size < header.readUInt32BE(PAGES) * pageBytes) return null;
    return header.readUInt32BE(APPLICATION_ID);
  } catch {
    // Absent, or not to be read: whoever opens it says why.
    return null;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
