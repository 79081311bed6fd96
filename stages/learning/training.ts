import { crossValidate, fitAll } from '../../ml/train.ts';
import { exportModel } from '../../ml/model.ts';
import type { ModelArtefact } from '../../ml/model.ts';
import { countDocuments } from '../../ml/vectorize/counts.ts';
import { fitTfidf } from '../../ml/vectorize/tfidf.ts';
import type { Document } from '../../ml/vectorize/ngrams.ts';
import type { EstimatorName, Label } from '../../schema/app.ts';
import type { CrossValidation } from '../../schema/metrics.ts';
import type { TextParams } from '../../schema/params.ts';
import type { SplitReview } from '../../schema/clean-review.ts';
import { wording } from '../wording-learning.ts';
import type { Failed } from '../wording-learning.ts';
import { documentOf, labelsIn, targetOf } from './documents.ts';
import type { Setup } from './setup.ts';

export interface Training {
  readonly estimator: EstimatorName;
  readonly rows: readonly SplitReview[];
  readonly text: TextParams;
  readonly setup: Setup;
  readonly folds: number;
  readonly seed: number;
  /** Where the rows come from, for messages. */
  readonly file: string;
}

export interface Trained {
  readonly kind: 'trained';
  readonly artefact: ModelArtefact;
  readonly crossValidation: CrossValidation;
  readonly features: number;
  readonly converged: boolean;
  readonly warnings: readonly string[];
}

/** What makes training on these rows meaningless, if anything does. */
function rowsProblem({ rows, folds, file }: Training, labels: readonly Label[]): Failed | undefined {
  const [first] = labels;
  if (first === undefined) return wording.noRows('training', file);
  if (labels.length === 1) return wording.oneClass(first, rows.length, file);
  const texts = new Set(rows.map(({ text }) => text)).size;
  return texts < folds ? wording.tooFewTexts(texts, folds, file) : undefined;
}

/** How many features all rows have: asked for before training where the implementation is bounded, after it otherwise. */
function denseProblem({ estimator, setup, rows }: Training, documents: readonly Document[]): Failed | undefined {
  if (setup.cellsMax === null) return undefined;
  const counts = countDocuments(documents, setup.features);
  const blocks = fitTfidf(counts, rows.map((_, row) => row), setup.features);
  const columns = blocks.reduce((sum, { terms }) => sum + terms.length, 0);
  if (columns === 0) return wording.noFeatures(estimator, setup.features.minDocuments);
  return rows.length * columns > setup.cellsMax ? wording.tooDense({ estimator, rows: rows.length, columns, cellsMax: setup.cellsMax }) : undefined;
}

function rareLabels({ rows, folds }: Training, labels: readonly Label[]): readonly string[] {
  return labels.flatMap((label) => {
    const count = rows.filter((row) => row.label === label).length;
    return count < folds ? [wording.rareLabel(label, count, folds)] : [];
  });
}

/** Cross-validates an estimator, then fits it on all training rows and exports it. */
export function trainEstimator(training: Training): Trained | Failed {
  const { estimator, rows, text, setup, folds, seed } = training;
  const labels = labelsIn(rows);
  const bad = rowsProblem(training, labels);
  if (bad !== undefined) return bad;
  const documents = rows.map(documentOf);
  const dense = denseProblem(training, documents);
  if (dense !== undefined) return dense;
  const input = { documents, target: targetOf(rows, labels), classes: labels.length, features: setup.features, fit: setup.fit };
  const { model, blocks, converged } = fitAll(input);
  const features = blocks.reduce((sum, { terms }) => sum + terms.length, 0);
  if (features === 0) return wording.noFeatures(estimator, setup.features.minDocuments);
  const crossValidation = crossValidate(input, { folds, seed });
  if (!Number.isFinite(crossValidation.mean)) return wording.noNumber(estimator);
  const slow = !converged && setup.implementation === 'sparse' && setup.iterationsMax !== null ? [wording.notConverged(estimator, setup.iterationsMax)] : [];
  const artefact = exportModel({ estimator, labels, text, features: setup.features, blocks, model });
  return { kind: 'trained', artefact, crossValidation, features, converged, warnings: [...rareLabels(training, labels), ...slow] };
}
