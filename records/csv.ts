import { writeFileSync } from 'node:fs';
import type { z } from 'zod';
import { nearestName } from './nearest.ts';
import type { Read } from './problem.ts';
import { readTable } from './table.ts';

type Kind = 'string' | 'number' | 'boolean';

interface Column {
  readonly name: string;
  readonly kind: Kind;
  readonly nullable: boolean;
}

interface Definition {
  readonly type: string;
  readonly innerType?: { readonly def: Definition };
}

/** How each column is written, read off the schema once: cells are then turned by kind, which is quick. */
function columnsOf(schema: z.ZodObject): readonly Column[] {
  return Object.entries(schema.shape).map(([name, field]): Column => {
    let def = (field as unknown as { readonly def: Definition }).def;
    const nullable = def.type === 'nullable';
    if (nullable && def.innerType !== undefined) def = def.innerType.def;
    return { name, nullable, kind: def.type === 'number' || def.type === 'int' ? 'number' : def.type === 'boolean' ? 'boolean' : 'string' };
  });
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return text === '' || /[",\n\r]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows as the text of a CSV: LF, quotes only where needed, null as nothing, the empty text as "". Ends with a newline. */
export function toCsv(names: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): string {
  const lines = rows.map((row) => names.map((name) => cellOf(row[name])).join(','));
  return `${[names.join(','), ...lines].join('\n')}\n`;
}

/** Writes rows with the columns of their schema, in its order. The same rows give the same bytes. */
export function writeRows<S extends z.ZodObject>(file: string, schema: S, rows: readonly z.infer<S>[]): void {
  writeFileSync(file, toCsv(Object.keys(schema.shape), rows));
}

type Cell = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly expected: string };

function valueOf(cell: string | null, { kind, nullable }: Column): Cell {
  if (cell === null) return nullable ? { ok: true, value: null } : kind === 'string' ? { ok: true, value: '' } : { ok: false, expected: `a ${kind}` };
  if (kind === 'string') return { ok: true, value: cell };
  if (kind === 'boolean') return cell === 'true' || cell === 'false' ? { ok: true, value: cell === 'true' } : { ok: false, expected: 'true or false' };
  const value = Number(cell);
  return cell.trim() === '' || Number.isNaN(value) ? { ok: false, expected: 'a number' } : { ok: true, value };
}

/** Reads rows that `writeRows` wrote with the same schema. Every value is checked for its kind, and the first row against the whole schema. */
export function readRows<S extends z.ZodObject>(file: string, schema: S, shown = file): Read<readonly z.infer<S>[]> {
  const table = readTable(file, shown);
  if (!table.ok) return table;
  const { columns: names, rows } = table.rows;
  const columns = columnsOf(schema);
  const places = columns.map(({ name }) => names.indexOf(name));
  const missing = columns.find((_, index) => places[index] === -1);
  if (missing !== undefined) {
    const hint = nearestName([missing.name], names);
    return { ok: false, problem: { kind: 'column', file: shown, column: missing.name, columns: names, ...(hint === undefined ? {} : { hint }) } };
  }
  const result: Record<string, unknown>[] = [];
  for (const { line, cells } of rows) {
    const row: Record<string, unknown> = {};
    for (const [index, column] of columns.entries()) {
      const cell = cells[places[index] ?? 0] ?? null;
      const value = valueOf(cell, column);
      if (!value.ok) return { ok: false, problem: { kind: 'value', file: shown, line, column: column.name, seen: cell ?? '', expected: value.expected } };
      row[column.name] = value.value;
    }
    result.push(row);
  }
  const first = result[0] === undefined ? undefined : schema.safeParse(result[0]);
  const issue = first?.error?.issues[0];
  if (issue !== undefined) {
    const column = String(issue.path[0] ?? '');
    return { ok: false, problem: { kind: 'value', file: shown, line: rows[0]?.line ?? 2, column, seen: String(result[0]?.[column] ?? ''), expected: `valid (${issue.message})` } };
  }
  return { ok: true, rows: result as unknown as readonly z.infer<S>[] };
}
