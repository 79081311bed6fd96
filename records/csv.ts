import type { z } from 'zod';
import { writeBlocks } from './blocks.ts';
import { columnsOf } from './columns.ts';
import type { Column } from './columns.ts';
import { guard, unguard } from '../schema/formula.ts';
import { nearestName } from './nearest.ts';
import type { Cells } from './parse-csv.ts';
import type { Read, RecordsProblem } from './problem.ts';
import { readCellText, visitTable } from './table.ts';

const SPECIAL = /[",\n\r]/;
const [SPACE, TILDE] = [32, 126];

/** Whether a text begins or ends with a space of any kind, which readers like to trim: known by the letter for nearly all. */
function isPadded(text: string): boolean {
  const [first, last] = [text.charCodeAt(0), text.charCodeAt(text.length - 1)];
  return !(first > SPACE && first <= TILDE && last > SPACE && last <= TILDE) && /^\s|\s$/.test(text);
}

/** Only texts are guarded: a number that begins with a minus is a number in a spreadsheet too. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const text = guard(value);
  return text === '' || SPECIAL.test(text) || isPadded(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Makes the line of a row. Neighbours often say the same (app, version, label): what was made for one serves the next. */
function linesOf(names: readonly string[]): (row: Rows[number]) => string {
  const values: unknown[] = names.map(() => undefined);
  const cells = names.map(() => '');
  return (row) => {
    let line = '';
    for (let index = 0; index < names.length; index++) {
      const value = row[names[index] as string];
      if (value !== values[index]) {
        values[index] = value;
        cells[index] = cellOf(value);
      }
      line += index === 0 ? cells[index] : `,${cells[index]}`;
    }
    return `${line}\n`;
  };
}

/**
 * Rows as the text of a CSV: LF, quotes only where needed, null as nothing, the empty text as "", an apostrophe before what
 * a spreadsheet would take for a formula. Ends with a newline.
 */
export function toCsv(names: readonly string[], rows: Rows): string {
  return `${names.join(',')}\n${rows.map(linesOf(names)).join('')}`;
}

/** Writes rows with the columns of their schema, in its order. The same rows give the same bytes. */
export function writeRows<S extends z.ZodObject>(file: string, schema: S, rows: readonly z.infer<S>[]): void {
  const names = Object.keys(schema.shape);
  const lineOf = linesOf(names);
  function* lines(): Generator<string> {
    yield `${names.join(',')}\n`;
    for (const row of rows) yield lineOf(row);
  }
  writeBlocks(file, lines());
}

/** The value of a cell, undefined where it is not of the kind of its column. */
function valueOf(cell: string | null, { kind, nullable }: Column): string | number | boolean | null | undefined {
  if (cell === null) return nullable ? null : kind === 'string' ? '' : undefined;
  if (kind === 'string') return unguard(cell);
  if (kind === 'boolean') return cell === 'true' ? true : cell === 'false' ? false : undefined;
  const value = Number(cell);
  return Number.isNaN(value) || (value === 0 && cell.trim() === '') ? undefined : value;
}

/** Makes rows of cells, and keeps the first problem met. */
class RowReader {
  readonly rows: Record<string, unknown>[] = [];
  problem: RecordsProblem | undefined;
  firstLine = 2;
  private readonly columns: readonly Column[];
  private readonly file: string;
  private places: readonly number[] = [];
  private last: Record<string, unknown> = {};

  constructor(columns: readonly Column[], file: string) {
    this.columns = columns;
    this.file = file;
  }

  onColumns(names: readonly string[]): void {
    this.places = this.columns.map(({ name }) => names.indexOf(name));
    const missing = this.columns.find((_, index) => this.places[index] === -1);
    if (missing === undefined) return;
    const hint = nearestName([missing.name], names);
    this.problem = { kind: 'column', file: this.file, column: missing.name, columns: names, ...(hint === undefined ? {} : { hint }) };
  }

  onRow(cells: Cells, line: number): void {
    if (this.problem !== undefined) return;
    const { columns, places, last } = this;
    if (this.rows.length === 0) this.firstLine = line;
    const row: Record<string, unknown> = {};
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as Column;
      const cell = cells[places[index] ?? 0] ?? null;
      const value = valueOf(cell, column);
      if (value === undefined) {
        this.problem ??= { kind: 'value', file: this.file, line, column: column.name, seen: cell ?? '', expected: column.kind === 'boolean' ? 'true or false' : 'a number' };
        return;
      }
      // Neighbours often say the same (app, version, source): they then share one text in memory.
      const before = last[column.name];
      row[column.name] = value === before ? before : value;
    }
    this.last = row;
    this.rows.push(row);
  }
}

/** Reads rows that `writeRows` wrote with the same schema. Every value is checked for its kind, and the first row against the whole schema. */
export function readRows<S extends z.ZodObject>(file: string, schema: S, shown = file): Read<readonly z.infer<S>[]> {
  const text = readCellText(file, shown);
  if (!text.ok) return text;
  const reader = new RowReader(columnsOf(schema), shown);
  const visited = visitTable(text.rows, shown, { onColumns: (names) => reader.onColumns(names), onRow: (cells, line) => reader.onRow(cells, line) });
  // A file that is cut is told as such, whatever its values are.
  if (!visited.ok) return visited;
  if (reader.problem !== undefined) return { ok: false, problem: reader.problem };
  const first = reader.rows[0] === undefined ? undefined : schema.safeParse(reader.rows[0]);
  const issue = first?.error?.issues[0];
  if (issue !== undefined) {
    const column = String(issue.path[0] ?? '');
    return { ok: false, problem: { kind: 'value', file: shown, line: reader.firstLine, column, seen: String(reader.rows[0]?.[column] ?? ''), expected: `valid (${issue.message})` } };
  }
  return { ok: true, rows: reader.rows as unknown as readonly z.infer<S>[] };
}
