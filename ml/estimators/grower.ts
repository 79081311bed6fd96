import type { Random } from '../random.ts';
import type { Sparse } from '../vectorize/sparse.ts';
import { columnsOf } from './columns.ts';
import type { Columns } from './columns.ts';

/** What the trees of one forest share: the rows by column, and memory that every node uses again. */
export interface Grower {
  readonly matrix: Sparse;
  readonly columns: Columns;
  readonly target: Uint8Array;
  readonly classes: number;
  readonly random: Random;
  /** How many features that differ within a node are tried. */
  readonly featuresTried: number;
  readonly samplesLeafMin: number;
  /** Weight of each row in the tree that grows: how often it was drawn, times the weight of its class. */
  readonly weights: Float64Array;
  /** The node each row lies in. */
  readonly nodeOf: Int32Array;
  /** Rows of the tree, those of one node beside each other. */
  readonly samples: Int32Array;
  /** All features in an order that changes with every draw; a draw from any order is uniform. */
  readonly order: Int32Array;
  /** Features that stand in a small node, how many of its rows have each, and where its entries begin. */
  readonly present: Int32Array;
  readonly counts: Int32Array;
  readonly begins: Int32Array;
  /** Entries of a node, feature by feature: as many as the rows of a small node have, or one column of a large one. */
  readonly entryRows: Int32Array;
  readonly entryValues: Float64Array;
  /** Class sums below and above a threshold, and of the whole node. */
  readonly below: Float64Array;
  readonly above: Float64Array;
  readonly sums: Float64Array;
}

export interface GrowerParams {
  readonly matrix: Sparse;
  readonly target: Uint8Array;
  readonly classes: number;
  readonly random: Random;
  readonly samplesLeafMin: number;
}

export function createGrower({ matrix, target, classes, random, samplesLeafMin }: GrowerParams): Grower {
  const ints = (length: number): Int32Array => new Int32Array(length);
  return {
    matrix, columns: columnsOf(matrix), target, classes, random, samplesLeafMin,
    featuresTried: Math.max(1, Math.floor(Math.sqrt(matrix.columns))),
    weights: new Float64Array(matrix.rows), nodeOf: ints(matrix.rows), samples: ints(matrix.rows), order: ints(matrix.columns).map((_, feature) => feature),
    present: ints(matrix.columns), counts: ints(matrix.columns), begins: ints(matrix.columns),
    entryRows: ints(Math.max(matrix.indices.length, matrix.rows)), entryValues: new Float64Array(Math.max(matrix.indices.length, matrix.rows)),
    below: new Float64Array(classes), above: new Float64Array(classes), sums: new Float64Array(classes),
  };
}
