import type { z } from 'zod';
import { columnsOf } from './columns.ts';
import type { Column } from './columns.ts';
import { unguard } from '../schema/formula.ts';
import { nearestName } from './nearest.ts';
import type { Cells } from './parse-csv.ts';
import type { Read, RecordsProblem } from './problem.ts';
import { readCellText, visitTable } from './table.ts';

type Value = string | number | boolean | null;

/** The value of a cell, undefined where it is not of the kind of its column. */
function valueOf(cell: string | null, { kind, nullable }: Column): Value | undefined {
  if (cell === null) return nullable ? null : kind === 'string' ? '' : undefined;
  if (kind === 'string') return unguard(cell);
  if (kind === 'boolean') return cell === 'true' ? true : cell === 'false' ? false : undefined;
  const value = Number(cell);
  return Number.isNaN(value) || (value === 0 && cell.trim() === '') ? undefined : value;
}

/** Makes values of cells, row by row, and keeps the first problem met. */
class CellReader {
  /** Of the row that was read last, in the order of the columns. */
  readonly values: (Value | undefined)[];
  problem: RecordsProblem | undefined;
  firstLine = 0;
  private readonly columns: readonly Column[];
  private readonly file: string;
  private places: readonly number[] = [];

  constructor(columns: readonly Column[], file: string) {
    this.columns = columns;
    this.file = file;
    this.values = columns.map(() => undefined);
  }

  /** Which columns of the file are none of ours. */
  onColumns(names: readonly string[]): readonly boolean[] {
    this.places = this.columns.map(({ name }) => names.indexOf(name));
    const missing = this.columns.find((_, index) => this.places[index] === -1);
    if (missing !== undefined) {
      const hint = nearestName([missing.name], names);
      this.problem = { kind: 'column', file: this.file, column: missing.name, columns: names, ...(hint === undefined ? {} : { hint }) };
    }
    return names.map((_, place) => !this.places.includes(place));
  }

  /** True where the row could be read. */
  onRow(cells: Cells, line: number): boolean {
    if (this.problem !== undefined) return false;
    const { columns, places, values } = this;
    if (this.firstLine === 0) this.firstLine = line;
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as Column;
      const cell = cells[places[index] ?? 0] ?? null;
      const value = valueOf(cell, column);
      if (value === undefined) {
        this.problem = { kind: 'value', file: this.file, line, column: column.name, seen: cell ?? '', expected: column.kind === 'boolean' ? 'true or false' : 'a number' };
        return false;
      }
      // Neighbours often say the same (app, version, source): they then share one text in memory.
      if (value !== values[index]) values[index] = value;
    }
    return true;
  }

  /** What is wrong with the first row by the whole schema; the kinds of all others are known by then. */
  judge(schema: z.ZodObject, first: Readonly<Record<string, unknown>> | undefined): RecordsProblem | undefined {
    if (this.problem !== undefined || first === undefined) return this.problem;
    const issue = schema.safeParse(first).error?.issues[0];
    if (issue === undefined) return undefined;
    const column = String(issue.path[0] ?? '');
    return { kind: 'value', file: this.file, line: this.firstLine, column, seen: String(first[column] ?? ''), expected: `valid (${issue.message})` };
  }
}

/** Reads a file of ours and hands over each row's values. */
function visitRows(file: string, shown: string, { reader, onRow }: { readonly reader: CellReader; readonly onRow: (values: readonly (Value | undefined)[]) => void }): Read<null> {
  const text = readCellText(file, shown);
  if (!text.ok) return text;
  return visitTable(text.rows, shown, {
    onColumns: (names) => reader.onColumns(names),
    onRow: (cells, line) => {
      if (reader.onRow(cells, line)) onRow(reader.values);
    },
  });
}

/** Reads rows that `writeRows` wrote with the same schema. Every value is checked for its kind, and the first row against the whole schema. */
export function readRows<S extends z.ZodObject>(file: string, schema: S, shown = file): Read<readonly z.infer<S>[]> {
  const columns = columnsOf(schema);
  const reader = new CellReader(columns, shown);
  const rows: Record<string, unknown>[] = [];
  const visited = visitRows(file, shown, {
    reader,
    onRow(values) {
      const row: Record<string, unknown> = {};
      for (let index = 0; index < columns.length; index++) row[(columns[index] as Column).name] = values[index];
      rows.push(row);
    },
  });
  // A file that is cut is told as such, whatever its values are.
  if (!visited.ok) return visited;
  const problem = reader.judge(schema, rows[0]);
  return problem === undefined ? { ok: true, rows: rows as unknown as readonly z.infer<S>[] } : { ok: false, problem };
}

/** A table by its columns: `columns.rating[5]` is of the sixth row. */
export interface ColumnTable<S extends z.ZodObject> {
  readonly rows: number;
  readonly columns: { readonly [K in keyof z.infer<S>]: readonly z.infer<S>[K][] };
}

/** As `readRows`, without an object a row: for those who look at one column after the other. Columns that the schema leaves out are passed over. */
export function readColumns<S extends z.ZodObject>(file: string, schema: S, shown = file): Read<ColumnTable<S>> {
  const columns = columnsOf(schema);
  const reader = new CellReader(columns, shown);
  const read: (Value | undefined)[][] = columns.map(() => []);
  let rows = 0;
  const visited = visitRows(file, shown, {
    reader,
    onRow(values) {
      rows++;
      for (let index = 0; index < values.length; index++) read[index]?.push(values[index]);
    },
  });
  if (!visited.ok) return visited;
  const problem = reader.judge(schema, rows === 0 ? undefined : Object.fromEntries(columns.map(({ name }, index) => [name, read[index]?.[0]])));
  if (problem !== undefined) return { ok: false, problem };
  return { ok: true, rows: { rows, columns: Object.fromEntries(columns.map(({ name }, index) => [name, read[index]])) as unknown as ColumnTable<S>['columns'] } };
}
