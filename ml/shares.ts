import type { LinearModel } from './estimators/estimator.ts';
import { probabilities } from './estimators/score.ts';
import type { Row } from './estimators/score.ts';
import type { Counted } from './features.ts';
import { softmax } from './math.ts';
import type { LoadedBlock, LoadedModel } from './model.ts';
import { weightOf } from './vectorize/tfidf.ts';

/** The length of the weights of one block of a document, by which all of them are divided; 1 where there are none. */
function lengthOf({ block, tally }: Counted, sublinear: boolean): number {
  let square = 0;
  for (let index = 0; index < tally.size; index++) {
    const weight = weightOf(tally.times[index] as number, block.idf[tally.met[index] as number] as number, sublinear);
    square += weight * weight;
  }
  return square === 0 ? 1 : Math.sqrt(square);
}

/** Entries of a document as a row: its features with their weights, of unit length block by block. */
export function rowOf(counted: readonly Counted[], sublinear: boolean): Row {
  const size = counted.reduce((sum, { tally }) => sum + tally.size, 0);
  const row = { indices: new Int32Array(size), values: new Float64Array(size), size };
  let entry = 0;
  for (const part of counted) {
    const { block, tally } = part;
    const length = lengthOf(part, sublinear);
    for (let index = 0; index < tally.size; index++, entry++) {
      const feature = tally.met[index] as number;
      row.indices[entry] = feature + block.shift;
      row.values[entry] = weightOf(tally.times[index] as number, block.idf[feature] as number, sublinear) / length;
    }
  }
  return row;
}

/** Of each feature of a block its idf and its weights for the classes side by side: one look into memory instead of several. */
function packed({ weights, classes }: LinearModel, { idf, shift }: LoadedBlock): Float32Array {
  const width = classes + 1;
  const together = new Float32Array(idf.length * width);
  for (let feature = 0; feature < idf.length; feature++) {
    together[feature * width] = idf[feature] as number;
    for (let k = 0; k < classes; k++) together[feature * width + 1 + k] = weights[(feature + shift) * classes + k] as number;
  }
  return together;
}

interface Sums {
  /** Of the weights times those of each class. */
  readonly sums: Float64Array;
  readonly sublinear: boolean;
}

/** Puts into `sums` what one block says for each class, and gives the length by which all of it is divided; 0 where a document has nothing of it. */
type SumBlock = (counted: Counted, together: Float32Array, sums: Sums) => number;

const sumAny: SumBlock = ({ tally: { met, times, size } }, together, { sums, sublinear }) => {
  const classes = sums.length;
  sums.fill(0);
  let square = 0;
  for (let index = 0; index < size; index++) {
    const at = (met[index] as number) * (classes + 1);
    const weight = weightOf(times[index] as number, together[at] as number, sublinear);
    square += weight * weight;
    for (let k = 0; k < classes; k++) sums[k] = (sums[k] as number) + weight * (together[at + 1 + k] as number);
  }
  return Math.sqrt(square);
};

/** The same for three classes, which is what there is nearly always: without an inner loop it takes a third of the time. */
const sumThree: SumBlock = ({ tally: { met, times, size } }, together, { sums, sublinear }) => {
  let square = 0;
  let first = 0;
  let second = 0;
  let third = 0;
  for (let index = 0; index < size; index++) {
    const at = (met[index] as number) * 4;
    const weight = weightOf(times[index] as number, together[at] as number, sublinear);
    square += weight * weight;
    first += weight * (together[at + 1] as number);
    second += weight * (together[at + 2] as number);
    third += weight * (together[at + 3] as number);
  }
  sums[0] = first;
  sums[1] = second;
  sums[2] = third;
  return Math.sqrt(square);
};

/**
 * Gives the probabilities of a document, class by class, from sums in the order in which its features were met: the same bits
 * wherever the same text is counted. Each call overwrites those of the one before.
 */
export function createShares({ model, features, blocks }: LoadedModel): (counted: readonly Counted[]) => Float64Array {
  const { sublinear } = features;
  if (model.kind !== 'linear') return (counted) => probabilities(model, rowOf(counted, sublinear));
  const { classes, bias } = model;
  const sumBlock = classes === 3 ? sumThree : sumAny;
  const [scores, sums] = [new Float64Array(classes), new Float64Array(classes)];
  const tables = new Map(blocks.map((block) => [block, packed(model, block)]));
  return (counted) => {
    for (let k = 0; k < classes; k++) scores[k] = bias[k] as number;
    for (const part of counted) {
      const together = tables.get(part.block);
      const length = together === undefined ? 0 : sumBlock(part, together, { sums, sublinear });
      if (length > 0) for (let k = 0; k < classes; k++) scores[k] = (scores[k] as number) + (sums[k] as number) / length;
    }
    return softmax(scores);
  };
}
