import { macroF1Interval } from '../../ml/metrics/interval.ts';
import { scoresOf } from '../../ml/metrics/scores.ts';
import type { Predictor } from '../../ml/predict.ts';
import type { Document } from '../../ml/vectorize/ngrams.ts';
import { LABELS } from '../../schema/app.ts';
import type { Label } from '../../schema/app.ts';
import type { Scores } from '../../schema/metrics.ts';
import { targetOf } from './documents.ts';

/** Seed of the bootstrap. Fixed: an interval is a property of the scores, nothing to choose. */
const SEED = 1;

export interface Scored {
  readonly scores: Scores;
  /** 95% bootstrap interval of macro-F1. */
  readonly interval: [number, number];
}

/**
 * Scores an exported model on labelled documents, against all labels, so that models which know fewer of them are judged
 * alike. `documents[i]` belongs to `rows[i]`.
 */
export function score(predictor: Predictor, documents: readonly Document[], rows: readonly { readonly label: Label }[]): Scored {
  const target = targetOf(rows, LABELS);
  const predicted = Uint8Array.from(documents, (document) => LABELS.indexOf(predictor.predictDocument(document).label));
  return { scores: scoresOf(target, predicted, LABELS), interval: macroF1Interval(target, predicted, { classes: LABELS.length, seed: SEED }) };
}
