import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { z } from 'zod';
import { unguard } from '../../schema/formula.ts';

/** Why a file is not part of the report. A missing one is no trouble by itself: a first run that failed has written little. */
export interface Trouble {
  readonly path: string;
  readonly kind: 'missing' | 'unreadable' | 'other-dataset';
  readonly detail: string;
}

/** Reads files one by one and remembers what was wrong with them, so that one bad file does not cost the whole report. */
export interface Reader {
  text(path: string, file: string): string | null;
  json<T>(path: string, file: string, schema: z.ZodType<T>): T | null;
  rows<T>(path: string, file: string, schema: z.ZodType<T>): readonly T[] | null;
  readonly troubles: Trouble[];
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

const NUMBERS = new Set(['rating', 'negative', 'neutral', 'positive', 'reviews']);
const NULLABLE = new Set(['version']);

/** CSV has no types: numbers and the null of an empty cell are known by the name of the column. */
function cast(value: string, column: string | number): string | number | null {
  if (typeof column !== 'string') return value;
  if (NUMBERS.has(column)) return value === '' ? null : Number(value);
  return value === '' && NULLABLE.has(column) ? null : unguard(value);
}

export function createReader(): Reader {
  const troubles: Trouble[] = [];
  const attempt = <T>(path: string, read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      const detail = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
      troubles.push({ path, kind: isMissing(error) ? 'missing' : 'unreadable', detail });
      return null;
    }
  };
  return {
    troubles,
    text: (path, file) => attempt(path, () => readFileSync(file, 'utf8')),
    json: (path, file, schema) => attempt(path, () => schema.parse(JSON.parse(readFileSync(file, 'utf8')))),
    rows: (path, file, schema) =>
      attempt(path, () => {
        const records: unknown[] = parse(readFileSync(file), { columns: true, bom: true, cast: (value, { column }) => cast(value, column) });
        return records.map((record) => schema.parse(record));
      }),
  };
}
