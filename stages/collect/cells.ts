import type { Candidates, Field, Places } from './columns.ts';
import type { ForeignTable } from './foreign.ts';

/** The text of a field in a row; null where there is none. */
export type Get = (row: number, field: Field) => string | null;

/** Whether a row has the field under any of its names, be it without a value. */
const isNamed = (table: ForeignTable, row: number, { named, common }: Candidates): boolean => named.some((place) => table.has(row, place)) || common.some((place) => table.has(row, place));

/** The first of the names that says something in the row; a common name only of a row that has none of the others, as if its rows were a file of their own. */
function textIn(table: ForeignTable, row: number, { named, common }: Candidates): string | null {
  let [found, first]: [boolean, string | null] = [false, null];
  for (const place of named) {
    if (!table.has(row, place)) continue;
    const text = table.cell(row, place);
    if (text !== null && text !== '') return text;
    [found, first] = [true, first ?? text];
  }
  const place = found ? undefined : common.find((one) => table.has(row, one));
  return place === undefined ? first : table.cell(row, place);
}

/** How a field is read: in a file whose rows all have its columns, without a look at names where there is but one. */
function readerOf(table: ForeignTable, candidates: Candidates): (row: number) => string | null {
  const { named, common } = candidates;
  if (table.own !== undefined || named.length > 1) return (row) => textIn(table, row, candidates);
  const place = named[0] ?? common[0] ?? 0;
  return (row) => table.cell(row, place);
}

/** Reads fields row by row, since files are put together of rows that name the same in different ways. */
export function cellsOf(table: ForeignTable, places: Places): Get {
  const readers: Partial<Record<Field, (row: number) => string | null>> = {};
  for (const [field, candidates] of Object.entries(places) as [Field, Candidates][]) readers[field] = readerOf(table, candidates);
  return (row, field) => readers[field]?.(row) ?? null;
}

export interface Unnamed {
  readonly field: Field;
  /** Of the file, 1-based. */
  readonly line: number;
  /** Keys of the row that no field has, and no row that has the field. */
  readonly keys: readonly string[];
}

const rowsOf = ({ rows }: ForeignTable, wanted: (row: number) => boolean): readonly number[] => Array.from({ length: rows }, (_, row) => row).filter(wanted);

/**
 * The first row that has a field under none of its names, and something under a key that no row with the field has: what it says
 * there would be lost without a word. A row that only leaves the field out has no such key.
 */
export function unnamedIn(table: ForeignTable, places: Places, fields: readonly Field[]): Unnamed | undefined {
  const { columns, own } = table;
  const mapped = new Set(Object.values(places).flatMap(({ named, common }) => [...named, ...common]));
  // Where columns are of the whole file, every row has all of them.
  if (own === undefined || mapped.size === columns.length) return undefined;
  for (const field of fields) {
    const candidates = places[field] ?? { named: [], common: [] };
    const lacking = rowsOf(table, (row) => !isNamed(table, row, candidates));
    if (lacking.length === 0) continue;
    // Row by row, not column by column: a file may have as many keys as rows.
    const familiar = new Set(mapped);
    for (let row = 0; row < table.rows; row++) if (isNamed(table, row, candidates)) for (const place of own.places(row)) familiar.add(place);
    for (const row of lacking) {
      const keys = own.places(row).filter((place) => !familiar.has(place) && (table.cell(row, place) ?? '') !== '').map((place) => columns[place] ?? '');
      if (keys.length > 0) return { field, line: own.line(row), keys };
    }
  }
  return undefined;
}
