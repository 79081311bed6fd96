import { CsvError, parse } from 'csv-parse/sync';
import type { Read } from './problem.ts';
import { readText } from './text-file.ts';

/** A CSV as read: the names of the columns, and cells as text. A cell that is empty and not quoted is null. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly line: number; readonly cells: readonly (string | null)[] }[];
}

interface Parsed {
  readonly record: readonly (string | null)[];
  readonly info: { readonly lines: number };
}

const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is not closed',
  CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quote',
  INVALID_OPENING_QUOTE: 'a quote stands in the middle of a cell',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'it has more or fewer cells than the header',
};

/** Reads a CSV strictly: a cut quote or a ragged row is a failure with its line, never a silent repair. */
export function readTable(file: string, shown = file): Read<Table> {
  const text = readText(file, shown);
  if (!text.ok) return text;
  if (text.rows.trim() === '') return { ok: false, problem: { kind: 'empty', file: shown } };
  // Where the last whole record ended: what fails begins on the line after it.
  let whole = 0;
  try {
    const records = parse(text.rows, {
      bom: true,
      info: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n'],
      on_record: (record, { lines }) => {
        whole = lines;
        return record;
      },
      cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
    }) as unknown as readonly Parsed[];
    const [header, ...rows] = records;
    const columns = (header?.record ?? []).map((name) => (name ?? '').trim());
    return { ok: true, rows: { columns, rows: rows.map(({ record, info }) => ({ line: info.lines, cells: record })) } };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // A quote that is not closed is noticed at the end of the file; the line to mend is where its record begins.
    const line = error.code === 'CSV_QUOTE_NOT_CLOSED' ? whole + 1 : Number(error.lines ?? 1);
    return { ok: false, problem: { kind: 'malformed', file: shown, line, why: REASONS[error.code] ?? error.message } };
  }
}
