/**
 * Rows in the text format of PostgreSQL's COPY (https://www.postgresql.org/docs/15/sql-copy.html): tabs between columns, a
 * backslash before what would be read as structure, \N for null. NUL and lone surrogates cannot be stored and are taken out.
 */
const STRUCTURE = /[\\\n\r\t\0]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '' };

function cell(value: unknown): string {
  if (value === null || value === undefined) return '\\N';
  if (typeof value !== 'string') return String(value);
  const text = value.isWellFormed() ? value : value.toWellFormed();
  return STRUCTURE.test(text) ? text.replaceAll(/[\\\n\r\t\0]/g, (found) => ESCAPES[found] ?? found) : text;
}

/** Characters of a piece: one row a piece costs twice the time, larger ones memory. */
const PIECE = 128 * 1024;

/** Rows as pieces of text, and how many there were so far. */
export function* copyText(rows: Iterable<readonly unknown[]>, counted: { rows: number }): Generator<string, void, undefined> {
  let piece = '';
  for (const row of rows) {
    let line = '';
    for (let index = 0; index < row.length; index++) line += index === 0 ? cell(row[0]) : `\t${cell(row[index])}`;
    piece += `${line}\n`;
    counted.rows++;
    if (piece.length >= PIECE) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}

const NAME = /^[a-z_][a-z0-9_]*$/;

/** `copy t (a, b) from …`: names are of the code, and yet checked, as they cannot be parameters. */
export function copyCommand(table: string, columns: readonly string[], from: string): string {
  for (const name of [table, ...columns]) if (!NAME.test(name)) throw new RangeError(`Cannot copy into "${name}" as it is no plain name`);
  return `copy ${table} (${columns.join(', ')}) from ${from}`;
}
