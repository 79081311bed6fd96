import type { Predictor } from '../../ml/predict.ts';
import type { Document } from '../../ml/vectorize/ngrams.ts';
import type { SplitReview } from '../../schema/clean-review.ts';
import type { DriftReference } from '../../schema/drift.ts';
import { countsOf, documentOf } from './documents.ts';

const QUANTILE_STEPS = 200;

/** The values at 0, 0.5 ... 100 % of the sorted sample, each one a value that occurred (inverted distribution function). */
export function quantilesOf(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length === 0) return [];
  return Array.from({ length: QUANTILE_STEPS + 1 }, (_, step) => sorted[Math.max(0, Math.ceil((step / QUANTILE_STEPS) * sorted.length) - 1)] ?? 0);
}

/** Share of the words of documents that a model does not know; 0 where there are no words. */
export function unknownShareOf(predictor: Predictor, documents: readonly Document[]): number {
  let [unknown, words] = [0, 0];
  for (const document of documents) {
    const seen = predictor.unknownWords(document);
    unknown += seen.unknown;
    words += seen.words;
  }
  return words === 0 ? 0 : unknown / words;
}

/** The newest instant among rows. Instants sort as text. */
export function newestOf(rows: readonly { readonly at: string }[]): string {
  return rows.reduce((newest, { at }) => (at > newest ? at : newest), '');
}

export interface ReferenceInput {
  readonly train: readonly SplitReview[];
  readonly test: readonly SplitReview[];
  readonly predictor: Predictor;
  readonly macroF1: number;
  readonly interval: readonly [number, number];
}

/** What a champion remembers, so that later rows can be compared with those it was made from: aggregates, no text. */
export function referenceOf({ train, test, predictor, macroF1, interval }: ReferenceInput): DriftReference {
  return {
    until: newestOf([...train, ...test]),
    rows: train.length,
    ratings: countsOf(train.map(({ rating }) => rating)),
    labels: countsOf(train.map(({ label }) => label)),
    languages: countsOf(train.map(({ language }) => language)),
    lengths: quantilesOf(train.map((row) => documentOf(row).tokens.length)),
    unknownShare: unknownShareOf(predictor, test.map(documentOf)),
    macroF1,
    interval: [interval[0], interval[1]],
  };
}
