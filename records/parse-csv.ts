/** A cell that is empty and not quoted is null. */
export type Cells = readonly (string | null)[];

/** Where a text stops being a CSV, 1-based, and why. */
export interface CsvFault {
  readonly line: number;
  readonly why: string;
}

const [QUOTE, LF, CR] = [34, 10, 13];

function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** The end of the cell without quotes that begins at `from`: its separator, line end or the end of the text; or, negative, a quote in it. */
function endOfPlain(text: string, from: number, separator: number): number {
  const end = text.length;
  // Most letters are beyond both, so that one comparison is enough for them.
  const highest = separator > QUOTE ? separator : QUOTE;
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code > highest) continue;
    if (code === separator || code === LF || (code === CR && text.charCodeAt(at + 1) === LF)) return at;
    if (code === QUOTE) return -1;
  }
  return end;
}

/** The closing quote of the cell whose content begins at `from`, or -1; a doubled quote is a quote of the content. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2);
  return at;
}

/** Length of the line end at a place of the text: 1 for LF, 2 for CR LF, 0 for anything else. */
function lineEnd(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code === LF ? 1 : code === CR && text.charCodeAt(at + 1) === LF ? 2 : 0;
}

export interface CsvOptions {
  /** What stands between cells; a comma where none is named. */
  readonly separator?: string;
  /** What is made of a cell's text. */
  readonly unpack?: (cell: string) => string;
  /** Columns whose cells nobody wants: they come as null. It may be filled when the first record, the header, has been handed over. */
  readonly skipped?: readonly boolean[];
}

/**
 * Reads a CSV as RFC 4180 has it (doubled quotes, LF or CR LF, a comma or another separator), strictly: a quote that is not closed, text after a
 * closing quote, a quote within a plain cell and a record that is longer or shorter than the first one end it. Empty lines
 * are passed over. `onRecord` gets the cells, each as `unpack` gives it, and the line on which the record ends. Linear in the
 * length of the text.
 */
export function parseCsv(text: string, onRecord: (cells: Cells, line: number) => void, { separator = ',', unpack, skipped = [] }: CsvOptions = {}): CsvFault | undefined {
  const end = text.length;
  const between = separator.charCodeAt(0);
  let [at, line, width] = [0, 1, 0];
  while (at < end) {
    const empty = lineEnd(text, at);
    if (empty > 0) {
      at += empty;
      line++;
      continue;
    }
    const began = line;
    const cells: (string | null)[] = [];
    for (let more = true; more; ) {
      if (text.charCodeAt(at) === QUOTE) {
        const close = closingQuote(text, at + 1);
        // What is not closed is noticed at the end of the text; the line to mend is where the record begins.
        if (close === -1) return { line: began, why: 'a quote is not closed' };
        const inner = text.slice(at + 1, close);
        const cell = inner.includes('"') ? inner.replaceAll('""', '"') : inner;
        cells.push(skipped[cells.length] === true ? null : unpack === undefined ? cell : unpack(cell));
        line += linesIn(inner);
        at = close + 1;
        if (at < end && text.charCodeAt(at) !== between && lineEnd(text, at) === 0) return { line, why: 'text follows a closing quote' };
      } else {
        const stop = endOfPlain(text, at, between);
        if (stop === -1) return { line, why: 'a quote stands in the middle of a cell' };
        if (stop === at || skipped[cells.length] === true) cells.push(null);
        else cells.push(unpack === undefined ? text.slice(at, stop) : unpack(text.slice(at, stop)));
        at = stop;
      }
      more = at < end && text.charCodeAt(at) === between;
      if (more) at++;
    }
    if (width === 0) width = cells.length;
    if (cells.length !== width) return { line, why: 'it has more or fewer cells than the header' };
    onRecord(cells, line);
    if (at < end) {
      at += lineEnd(text, at);
      line++;
    }
  }
  return undefined;
}
