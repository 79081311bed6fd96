import { unguard } from '../../schema/formula.ts';
import { dialectOf } from '../../records/dialect.ts';
import { parseExactly, visitJsonl } from '../../records/jsonl.ts';
import type { Read } from '../../records/problem.ts';
import { tableOf } from '../../records/table.ts';
import { decode, decodeForCells, readBytes } from '../../records/text-file.ts';
import type { CellText, Decoded, Encoding } from '../../records/text-file.ts';

/** A file of somebody else as a table of texts; null where there is nothing. */
export interface ForeignTable {
  readonly columns: readonly string[];
  readonly rows: number;
  cell(row: number, column: number): string | null;
  /** Whether the row has the column at all, be it without a value; each has its own only in JSON Lines. */
  has(row: number, column: number): boolean;
  /** Of a file whose rows have columns of their own. */
  readonly own?: {
    /** Where a row stands in the file, 1-based. */
    line(row: number): number;
    /** The columns that the row has. */
    places(row: number): readonly number[];
  };
  /** How its text is encoded; null where the format says it. */
  readonly encoding: Decoded['encoding'] | null;
  /** What stands between the cells of a CSV. */
  readonly separator?: string;
}

type Kind = 'csv' | 'jsonl' | 'parquet';

/** What a file is by the end of its name; text formats may be packed by gzip. */
export function kindOf(name: string): Kind | undefined {
  const [, ending] = /\.(csv|jsonl|ndjson|parquet)$/.exec(name.toLowerCase().replace(/(csv|jsonl|ndjson)\.gz$/, '$1')) ?? [];
  return ending === 'ndjson' ? 'jsonl' : (ending as Kind | undefined);
}

/** Values that MongoDB's own export wraps, as in `{"$date": "2026-01-01T00:00:00Z"}` (https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/). */
const WRAPPED = new Set(['$date', '$oid', '$numberLong', '$numberInt', '$numberDouble', '$numberDecimal', '$uuid', '$symbol']);

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return String(value);
  const [entry, second] = Object.entries(value);
  return entry !== undefined && second === undefined && WRAPPED.has(entry[0]) ? textOf(entry[1]) : JSON.stringify(value);
}

/** Cells of objects, all of which have these columns, or else each some of them. */
function ofObjects(objects: readonly Readonly<Record<string, unknown>>[], columns: readonly string[], encoding: ForeignTable['encoding']): ForeignTable {
  return { columns, rows: objects.length, encoding, cell: (row, column) => textOf(objects[row]?.[columns[column] ?? '']), has: (row, column) => Object.hasOwn(objects[row] ?? {}, columns[column] ?? '') };
}

function ofJsonl({ text, encoding }: Decoded, shown: string): Read<ForeignTable> {
  const objects: Readonly<Record<string, unknown>>[] = [];
  const names = new Set<string>();
  const lines: number[] = [];
  let other: number | undefined;
  const read = visitJsonl(text, shown, {
    parse: parseExactly,
    onValue(value, line) {
      if (value === null || typeof value !== 'object' || Array.isArray(value)) {
        other ??= line;
        return;
      }
      objects.push(value as Record<string, unknown>);
      lines.push(line);
      for (const name in value) names.add(name);
    },
  });
  if (!read.ok) return read;
  if (other !== undefined) return { ok: false, problem: { kind: 'malformed', file: shown, line: other, why: 'it is no object' } };
  if (objects.length === 0) return { ok: false, problem: { kind: 'empty', file: shown } };
  const places = new Map([...names].map((name, place) => [name, place]));
  const own: ForeignTable['own'] = { line: (row) => lines[row] ?? 0, places: (row) => Object.keys(objects[row] ?? {}).map((name) => places.get(name) ?? -1) };
  return { ok: true, rows: { ...ofObjects(objects, [...names], encoding), own } };
}

/** Formula guards are taken off: a CSV of ours, or one that another careful program wrote, gives the text that was typed. */
function ofCsv({ text: found, unpack, encoding }: CellText, shown: string): Read<ForeignTable> {
  const { text, separator } = dialectOf(found);
  const table = tableOf({ text, unpack, separator }, shown);
  if (!table.ok) return table;
  const { columns, rows, cells } = table.rows;
  const cell = (row: number, column: number): string | null => {
    const value = cells[row * columns.length + column] ?? null;
    return value === null ? null : unguard(value);
  };
  return { ok: true, rows: { columns, rows, encoding, separator, cell, has: () => true } };
}

/** Reads a whole file of reviews by the kind that its name says. */
export async function readForeign(file: string, shown: string, options: { readonly kind: Kind; readonly encoding: Encoding }): Promise<Read<ForeignTable>> {
  if (options.kind === 'parquet') {
    // Loaded when it is needed: it takes as long as reading a small file.
    const { readParquet } = await import('../../records/parquet.ts');
    const table = await readParquet(file, shown);
    return table.ok ? { ok: true, rows: ofObjects(table.rows.rows, table.rows.columns, null) } : table;
  }
  const bytes = readBytes(file, shown);
  if (!bytes.ok) return bytes;
  if (options.kind === 'csv') {
    const text = decodeForCells(bytes.rows, shown, options.encoding);
    return text.ok ? ofCsv(text.rows, shown) : text;
  }
  const decoded = decode(bytes.rows, shown, options.encoding);
  return decoded.ok ? ofJsonl(decoded.rows, shown) : decoded;
}
