import path from 'node:path';
import { readJsonl } from '../../records/jsonl.ts';
import { nearestName } from '../../records/nearest.ts';
import type { Read, RecordsProblem } from '../../records/problem.ts';
import { readTable } from '../../records/table.ts';
import type { CollectParams, ColumnMap } from '../../schema/params.ts';
import type { Review } from '../../schema/review.ts';
import type { z } from 'zod';
import { wording } from '../wording-data.ts';
import type { Failed } from '../wording-data.ts';
import { parseInstant } from '../dates/instant.ts';

type Field = keyof ColumnMap;
type Foreign = Readonly<Record<string, string | null>>;

const REQUIRED: readonly Field[] = ['id', 'at', 'rating', 'text'];

export interface FromFile {
  readonly kind: 'reviews';
  readonly reviews: readonly Review[];
  /** Rows of other apps, and header lines in the middle of the file, both left out. */
  readonly otherApps: number;
  readonly repeatedHeaders: number;
}

interface ForeignTable {
  readonly columns: readonly string[];
  readonly rows: readonly Foreign[];
}

function readForeign(file: string, shown: string): Read<ForeignTable> {
  if (shown.toLowerCase().endsWith('.jsonl')) {
    const lines = readJsonl(file, shown);
    if (!lines.ok) return lines;
    const other = lines.rows.find(({ value }) => value === null || typeof value !== 'object' || Array.isArray(value));
    if (other !== undefined) return { ok: false, problem: { kind: 'malformed', file: shown, line: other.line, why: 'it is no object' } };
    if (lines.rows.length === 0) return { ok: false, problem: { kind: 'empty', file: shown } };
    const rows = lines.rows.map(({ value }): Foreign => {
      const entries = Object.entries(value as object);
      return Object.fromEntries(entries.map(([key, inner]) => [key, inner === null ? null : typeof inner === 'object' ? JSON.stringify(inner) : String(inner)]));
    });
    return { ok: true, rows: { columns: [...new Set(rows.flatMap((row) => Object.keys(row)))], rows } };
  }
  const table = readTable(file, shown);
  if (!table.ok) return table;
  const { columns } = table.rows;
  return { ok: true, rows: { columns, rows: table.rows.rows.map(({ cells }) => Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? null]))) } };
}

/** Which column of the file holds which field: the first name that exists. */
function mapColumns(columns: readonly string[], map: ColumnMap, shown: string): { readonly ok: true; readonly found: Readonly<Partial<Record<Field, string>>> } | { readonly ok: false; readonly problem: RecordsProblem } {
  const found: Partial<Record<Field, string>> = {};
  for (const [field, names] of Object.entries(map) as [Field, readonly string[]][]) {
    const name = names.find((candidate) => columns.includes(candidate));
    if (name !== undefined) found[field] = name;
    else if (REQUIRED.includes(field)) {
      const near = nearestName(names, columns);
      const remedy = `add the name of the column that holds it to collect.columns.${field} in params.yaml`;
      return { ok: false, problem: { kind: 'column', file: shown, column: names.join('" or "'), columns, remedy, ...(near === undefined ? {} : { hint: near }) } };
    }
  }
  return { ok: true, found };
}

/** NUL and lone surrogates cannot be stored everywhere; nothing else is changed at the door. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

const textOrNull = (text: string | null): string | null => (text === null ? null : storable(text));

function numberOf(text: string | null): number | null {
  if (text === null || text.trim() === '') return null;
  const value = Number(text.trim().replace(',', '.'));
  return Number.isFinite(value) ? value : null;
}

/** Reviews of a CSV or JSONL file whose columns params.yaml maps. NaN ratings and odd dates become null for `validate` to judge. */
export function readFileSource(file: string, shown: string, params: z.infer<typeof CollectParams>): FromFile | Failed {
  if (!['.csv', '.jsonl'].includes(path.extname(shown).toLowerCase())) return wording.fileKind(shown);
  const table = readForeign(file, shown);
  if (!table.ok) return table.problem.kind === 'absent' ? wording.noFile(shown) : wording.records(table.problem);
  const mapped = mapColumns(table.rows.columns, params.columns, shown);
  if (!mapped.ok) return wording.records(mapped.problem);
  const { found } = mapped;
  const cell = (row: Foreign, field: Field): string | null => (found[field] === undefined ? null : (row[found[field]] ?? null));
  let [otherApps, repeatedHeaders] = [0, 0];
  let otherApp: string | undefined;
  const reviews: Review[] = [];
  for (const [index, row] of table.rows.rows.entries()) {
    if (REQUIRED.every((field) => cell(row, field) === found[field])) {
      repeatedHeaders++;
      continue;
    }
    const app = cell(row, 'app')?.trim() ?? '';
    if (app !== '' && app !== params.app) {
      otherApps++;
      otherApp ??= app;
      continue;
    }
    const repliedAt = cell(row, 'repliedAt');
    reviews.push({
      app: params.app, id: storable((cell(row, 'id') ?? '').trim().slice(0, 200)) || `row-${index + 1}`, at: parseInstant(cell(row, 'at') ?? ''), rating: numberOf(cell(row, 'rating')),
      text: storable(cell(row, 'text') ?? ''), thumbsUp: Math.trunc(numberOf(cell(row, 'thumbsUp')) ?? 0), version: textOrNull(cell(row, 'version')),
      reply: textOrNull(cell(row, 'reply')), repliedAt: repliedAt === null ? null : parseInstant(repliedAt), source: 'file',
    });
  }
  if (reviews.length === 0 && otherApp !== undefined) return wording.otherApps(params.app, otherApp, shown);
  return { kind: 'reviews', reviews, otherApps, repeatedHeaders };
}
