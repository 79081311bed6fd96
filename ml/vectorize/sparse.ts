/** Rows of few non-zero values (CSR): row r has the entries `offsets[r]` to `offsets[r + 1]`, its columns ascending. */
export interface Sparse {
  readonly rows: number;
  readonly columns: number;
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/** A copy of some rows, in the order given. */
export function takeRows(matrix: Sparse, rows: ArrayLike<number>): Sparse {
  const offsets = new Int32Array(rows.length + 1);
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r] ?? 0;
    offsets[r + 1] = (offsets[r] ?? 0) + (matrix.offsets[row + 1] ?? 0) - (matrix.offsets[row] ?? 0);
  }
  const size = offsets[rows.length] ?? 0;
  const indices = new Int32Array(size);
  const values = new Float64Array(size);
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r] ?? 0;
    const [start, end] = [matrix.offsets[row] ?? 0, matrix.offsets[row + 1] ?? 0];
    indices.set(matrix.indices.subarray(start, end), offsets[r]);
    values.set(matrix.values.subarray(start, end), offsets[r]);
  }
  return { rows: rows.length, columns: matrix.columns, offsets, indices, values };
}

/** Rows of two matrices side by side. */
export function besides(left: Sparse, right: Sparse): Sparse {
  const offsets = new Int32Array(left.rows + 1);
  const indices = new Int32Array(left.indices.length + right.indices.length);
  const values = new Float64Array(indices.length);
  let at = 0;
  for (let row = 0; row < left.rows; row++) {
    for (const [matrix, shift] of [[left, 0], [right, left.columns]] as const) {
      const end = matrix.offsets[row + 1] ?? 0;
      for (let entry = matrix.offsets[row] ?? 0; entry < end; entry++, at++) {
        indices[at] = (matrix.indices[entry] ?? 0) + shift;
        values[at] = matrix.values[entry] ?? 0;
      }
    }
    offsets[row + 1] = at;
  }
  return { rows: left.rows, columns: left.columns + right.columns, offsets, indices, values };
}
