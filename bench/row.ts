/** A line of the table: a figure of ours beside the peer's or the bare limit. */
export interface Row {
  readonly name: string;
  readonly ours: number;
  readonly unit: 's' | 'ms' | 'MB';
  readonly peer: string;
  readonly theirs: number | null;
  /** ours / theirs; null where the figure stands alone. */
  readonly ratio: number | null;
  /** The ratio (or the figure, where it stands alone) that we promise to stay under; null where nothing is promised. */
  readonly bar: number | null;
}

export function held(row: Row): boolean | null {
  return row.bar === null ? null : (row.ratio ?? row.ours) <= row.bar;
}

const cell = (value: number | null, digits = 2): string => (value === null ? '' : value.toFixed(digits));

export function table(rows: readonly Row[]): string {
  const lines = [['figure', 'ours', 'unit', 'against', 'theirs', 'ratio', 'bar', 'held']].concat(
    rows.map((row) => {
      const verdict = held(row);
      return [row.name, cell(row.ours), row.unit, row.peer, cell(row.theirs), cell(row.ratio), cell(row.bar), verdict === null ? '' : verdict ? 'yes' : 'NO'];
    }),
  );
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines.map((line) => line.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n');
}
