import { parseCsv } from './parse-csv.ts';
import type { Cells } from './parse-csv.ts';
import type { Read } from './problem.ts';
import { decodeForCells, readBytes, unpack } from './text-file.ts';
import type { CellText } from './text-file.ts';

/** A CSV as read: the names of the columns, and cells as text. A cell that is empty and not quoted is null. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly line: number; readonly cells: Cells }[];
}

/** What to do with the columns, then with each row and the line on which it ends. */
interface Visitor {
  onColumns(columns: readonly string[]): void;
  onRow(cells: Cells, line: number): void;
}

/** Reads a CSV strictly, row by row: a cut quote or a ragged row is a failure with its line, never a silent repair. */
export function visitTable({ text, packed }: Pick<CellText, 'text' | 'packed'>, shown: string, { onColumns, onRow }: Visitor): Read<null> {
  if (!/\S/.test(text)) return { ok: false, problem: { kind: 'empty', file: shown } };
  let headed = false;
  const visit = (cells: Cells, line: number): void => {
    if (headed) return onRow(cells, line);
    headed = true;
    onColumns(cells.map((name) => (name ?? '').trim()));
  };
  const fault = packed ? parseCsv(text, visit, unpack) : parseCsv(text, visit);
  return fault === undefined ? { ok: true, rows: null } : { ok: false, problem: { kind: 'malformed', file: shown, ...fault } };
}

/** The text of a file of ours, ready to be cut into cells. */
export function readCellText(file: string, shown: string): Read<CellText> {
  const bytes = readBytes(file, shown);
  return bytes.ok ? decodeForCells(bytes.rows, shown, 'utf-8') : bytes;
}

/** All rows of a CSV, read as `visitTable` does. */
export function tableOf(text: Pick<CellText, 'text' | 'packed'>, shown: string): Read<Table> {
  let columns: readonly string[] = [];
  const rows: { line: number; cells: Cells }[] = [];
  const read = visitTable(text, shown, { onColumns: (names) => (columns = names), onRow: (cells, line) => rows.push({ line, cells }) });
  return read.ok ? { ok: true, rows: { columns, rows } } : read;
}
