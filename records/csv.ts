import type { z } from 'zod';
import { writeBlocks } from './blocks.ts';
import type { Target } from './blocks.ts';
import { guard, guardStart } from '../schema/formula.ts';

const SPECIAL = /[",\n\r]/;
/** What one look at a text is for: without any of these nothing within it has to be guarded or quoted. */
const MARKED = /[",;\t\n\r]/;
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
  if (!MARKED.test(value)) {
    const text = guardStart(value);
    return text === '' || isPadded(text) ? `"${text}"` : text;
  }
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

/** Writes rows with the columns of their schema, in its order, one at a time as they are made. The same rows give the same bytes. */
export function writeRows<S extends z.ZodObject>(target: Target, schema: S, rows: Iterable<z.infer<S>>): void {
  const names = Object.keys(schema.shape);
  const lineOf = linesOf(names);
  function* lines(): Generator<string> {
    yield `${names.join(',')}\n`;
    for (const row of rows) yield lineOf(row);
  }
  writeBlocks(target, lines());
}
