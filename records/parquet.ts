import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync, gunzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors as others } from 'hyparquet-compressors';
import { parquetWriteFile } from 'hyparquet-writer';
import type { z } from 'zod';
import { columnsOf } from './columns.ts';
import type { Column } from './columns.ts';
import type { Read } from './problem.ts';
import { readBytes } from './text-file.ts';

export type ParquetCell = string | number | boolean | null;
export interface ParquetTable {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, ParquetCell>>[];
}

/** What Node unpacks itself is quicker than JavaScript; the rest is for files of other programs. */
const compressors = { ...others, GZIP: (bytes: Uint8Array) => gunzipSync(bytes), BROTLI: (bytes: Uint8Array) => brotliDecompressSync(bytes), ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes) };

/** A whole number, or its digits where it is too large to be one: an id, which rounded would be that of others. */
const exactly = (value: bigint): number | string => (Number.isSafeInteger(Number(value)) ? Number(value) : String(value));

/** Values as JSON has them: times as ISO 8601 with whole seconds where they are whole, nested values as JSON text. */
function plain(value: unknown): ParquetCell {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return exactly(value);
    case 'undefined':
      return null;
    default:
      if (value === null) return null;
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString().replace('.000Z', 'Z');
      return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? exactly(inner) : inner));
  }
}

/** Reads any Parquet file as rows of plain values. */
export async function readParquet(file: string, shown = file): Promise<Read<ParquetTable>> {
  const bytes = readBytes(file, shown);
  if (!bytes.ok) return bytes;
  if (bytes.rows.length === 0) return { ok: false, problem: { kind: 'empty', file: shown } };
  const { buffer, byteOffset, byteLength } = bytes.rows;
  const whole = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  try {
    const metadata = parquetMetadata(whole);
    // The first element is the root; the columns are its children, which have no parent in the path.
    const columns = metadata.schema.length > 1 ? topColumns(metadata.schema) : [];
    const objects = await parquetReadObjects({ file: whole, metadata, compressors });
    const rows = objects.map((object) => {
      const row: Record<string, ParquetCell> = {};
      for (const name of columns) row[name] = plain(object[name]);
      return row;
    });
    return { ok: true, rows: { columns, rows } };
  } catch (error) {
    // The reader throws for every byte that is not as it should be: the file is foreign, so that is an answer and no bug.
    return { ok: false, problem: { kind: 'unreadable', file: shown, why: error instanceof Error ? error.message : String(error) } };
  }
}

/** Names of the columns on the uppermost level: a nested one is one column, whose children are passed over. */
function topColumns(schema: readonly { readonly name: string; readonly num_children?: number | undefined }[]): readonly string[] {
  const names: string[] = [];
  const subtree = (at: number): number => {
    let next = at + 1;
    for (let child = schema[at]?.num_children ?? 0; child > 0; child--) next = subtree(next);
    return next;
  };
  for (let at = 1; at < schema.length; at = subtree(at)) names.push(schema[at]?.name ?? '');
  return names;
}

const INT32_MAX = 2 ** 31;

function typeOf({ kind, instant }: Column, values: readonly unknown[]): 'STRING' | 'BOOLEAN' | 'TIMESTAMP' | 'INT32' | 'DOUBLE' {
  if (kind === 'boolean') return 'BOOLEAN';
  if (kind === 'string') return instant ? 'TIMESTAMP' : 'STRING';
  const whole = values.every((value) => value === null || (Number.isInteger(value) && Math.abs(value as number) < INT32_MAX && !Object.is(value, -0)));
  return whole ? 'INT32' : 'DOUBLE';
}

/** Writes rows with the columns of their schema: instants as times, whole numbers as such, packed by Zstandard. */
export function writeParquet<S extends z.ZodObject>(file: string, schema: S, rows: readonly z.infer<S>[]): void {
  const columnData = columnsOf(schema).map((column) => {
    const { name, nullable, instant } = column;
    const values = rows.map((row) => (row as Readonly<Record<string, unknown>>)[name] ?? null);
    return { name, nullable, type: typeOf(column, values), data: instant ? values.map((value) => (value === null ? null : new Date(value as string))) : values };
  });
  mkdirSync(path.dirname(file), { recursive: true });
  parquetWriteFile({ filename: file, columnData, codec: 'ZSTD', compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) }, createdBy: 'ulasan' });
}
