import { parseCsv } from './parse-csv.ts';
import type { Cells } from './parse-csv.ts';
import type { Read } from './problem.ts';
import { decodeForCells, readBytes } from './text-file.ts';
import type { CellText } from './text-file.ts';

/** A CSV as read: the names of the columns, and cells as text, one row after the other. A cell that is empty and not quoted is null. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: number;
  readonly cells: Cells;
}

/** What to do with the columns, then with each row and the line on which it ends. */
interface Visitor {
  /** May say which columns are of no interest: their cells come as null. */
  onColumns(columns: readonly string[]): readonly boolean[] | void;
  onRow(cells: Cells, line: number): void;
}

/** A text to cut into cells, and at what: a comma, unless another sign is named. */
export interface Cut extends Pick<CellText, 'text' | 'unpack'> {
  readonly separator?: string;
}

/** Reads a CSV strictly, row by row: a cut quote or a ragged row is a failure with its line, never a silent repair. */
export function visitTable({ text, unpack, separator }: Cut, shown: string, { onColumns, onRow }: Visitor): Read<null> {
  if (!/\S/.test(text)) return { ok: false, problem: { kind: 'empty', file: shown } };
  let headed = false;
  const skipped: boolean[] = [];
  const visit = (cells: Cells, line: number): void => {
    if (headed) return onRow(cells, line);
    headed = true;
    skipped.push(...(onColumns(cells.map((name) => (name ?? '').trim())) ?? []));
  };
  const fault = parseCsv(text, visit, { skipped, ...(unpack === undefined ? {} : { unpack }), ...(separator === undefined ? {} : { separator }) });
  return fault === undefined ? { ok: true, rows: null } : { ok: false, problem: { kind: 'malformed', file: shown, ...fault } };
}

/** The text of a file of ours, ready to be cut into cells. */
export function readCellText(file: string, shown: string): Read<CellText> {
  const bytes = readBytes(file, shown);
  return bytes.ok ? decodeForCells(bytes.rows, shown, 'utf-8') : bytes;
}

/** All rows of a CSV, read as `visitTable` does. */
export function tableOf(text: Cut, shown: string): Read<Table> {
  let columns: readonly string[] = [];
  const cells: (string | null)[] = [];
  const read = visitTable(text, shown, {
    onColumns: (names) => void (columns = names),
    onRow(row) {
      for (let index = 0; index < row.length; index++) cells.push(row[index] ?? null);
    },
  });
  return read.ok ? { ok: true, rows: { columns, rows: columns.length === 0 ? 0 : cells.length / columns.length, cells } } : read;
}
