import type { Sparse } from '../vectorize/sparse.ts';

/** A matrix by columns: rows and values of feature f from `starts[f]` to `starts[f + 1]`, values ascending. */
export interface Columns {
  readonly starts: Int32Array;
  readonly rows: Int32Array;
  readonly values: Float64Array;
}

/** Sorts the entries of one column by value, in place; equal values keep the order of their rows. */
export function sortEntries(rows: Int32Array, values: Float64Array, range: { readonly start: number; readonly end: number }): void {
  const { start, end } = range;
  if (end - start > 64) {
    const order = Array.from({ length: end - start }, (_, index) => start + index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
    rows.set(Int32Array.from(order, (entry) => rows[entry] ?? 0), start);
    values.set(Float64Array.from(order, (entry) => values[entry] ?? 0), start);
    return;
  }
  for (let at = start + 1; at < end; at++) {
    const [row, value] = [rows[at] ?? 0, values[at] ?? 0];
    let to = at;
    for (; to > start && (values[to - 1] ?? 0) > value; to--) {
      rows[to] = rows[to - 1] ?? 0;
      values[to] = values[to - 1] ?? 0;
    }
    rows[to] = row;
    values[to] = value;
  }
}

export function columnsOf(matrix: Sparse): Columns {
  const starts = new Int32Array(matrix.columns + 1);
  for (const feature of matrix.indices) starts[feature + 1] = (starts[feature + 1] ?? 0) + 1;
  for (let feature = 0; feature < matrix.columns; feature++) starts[feature + 1] = (starts[feature + 1] ?? 0) + (starts[feature] ?? 0);
  const next = starts.slice(0, matrix.columns);
  const rows = new Int32Array(matrix.indices.length);
  const values = new Float64Array(matrix.indices.length);
  for (let row = 0; row < matrix.rows; row++) {
    const end = matrix.offsets[row + 1] ?? 0;
    for (let entry = matrix.offsets[row] ?? 0; entry < end; entry++) {
      const feature = matrix.indices[entry] ?? 0;
      const at = next[feature] ?? 0;
      rows[at] = row;
      values[at] = matrix.values[entry] ?? 0;
      next[feature] = at + 1;
    }
  }
  for (let feature = 0; feature < matrix.columns; feature++) sortEntries(rows, values, { start: starts[feature] ?? 0, end: starts[feature + 1] ?? 0 });
  return { starts, rows, values };
}
