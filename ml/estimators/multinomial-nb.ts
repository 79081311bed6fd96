import { log } from '../math.ts';
import type { Fit, TrainingSet } from './estimator.ts';

/**
 * Multinomial naive Bayes with additive smoothing (Manning, Raghavan & Schütze, Introduction to Information Retrieval,
 * chapter 13): a linear model in log space. Features may be counts or tf-idf, as in scikit-learn's MultinomialNB.
 */
export function fitMultinomialNb({ matrix, target, classes }: TrainingSet, params: { readonly alpha: number; readonly prior: 'fitted' | 'uniform' }): Fit {
  const { columns, offsets, indices, values } = matrix;
  const sums = new Float64Array(columns * classes);
  const totals = new Float64Array(classes);
  const counts = new Float64Array(classes);
  for (let row = 0; row < matrix.rows; row++) {
    const label = target[row] ?? 0;
    counts[label] = (counts[label] ?? 0) + 1;
    const end = offsets[row + 1] ?? 0;
    for (let entry = offsets[row] ?? 0; entry < end; entry++) {
      const at = (indices[entry] ?? 0) * classes + label;
      sums[at] = (sums[at] ?? 0) + (values[entry] ?? 0);
      totals[label] = (totals[label] ?? 0) + (values[entry] ?? 0);
    }
  }
  const logTotals = totals.map((total) => log(total + params.alpha * columns));
  const weights = sums.map((sum, at) => log(sum + params.alpha) - (logTotals[at % classes] ?? 0));
  const bias = counts.map((count) => (params.prior === 'uniform' ? -log(classes) : log(count / matrix.rows)));
  return { model: { kind: 'linear', classes, weights, bias }, converged: true };
}
