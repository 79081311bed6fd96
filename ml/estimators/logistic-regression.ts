import { log, softmax } from '../math.ts';
import { classWeights } from './estimator.ts';
import type { Fit, TrainingSet } from './estimator.ts';
import { minimize } from './lbfgs.ts';
import type { Objective } from './lbfgs.ts';

export interface LogisticParams {
  /** Inverse strength of the penalty: the objective is C * loss + |weights|^2 / 2, the bias not penalised. */
  readonly C: number;
  readonly classWeight: 'none' | 'balanced';
  /** Largest part of the gradient of the mean loss at the end. */
  readonly tolerance: number;
  readonly iterationsMax: number;
}

/** Mean weighted cross-entropy plus penalty, at a point of weights (feature by class) followed by the biases. */
function crossEntropy(set: TrainingSet, params: LogisticParams): Objective {
  const { matrix, target, classes } = set;
  const { rows, columns, offsets, indices, values } = matrix;
  const weights = classWeights(target, classes, params.classWeight);
  let total = 0;
  for (const label of target) total += weights[label] ?? 0;
  const penalty = 1 / (params.C * total);
  const scores = new Float64Array(classes);
  return (point, gradient) => {
    const bias = columns * classes;
    let loss = 0;
    gradient.fill(0);
    for (let row = 0; row < rows; row++) {
      const [start, end] = [offsets[row] ?? 0, offsets[row + 1] ?? 0];
      for (let k = 0; k < classes; k++) scores[k] = point[bias + k] ?? 0;
      for (let entry = start; entry < end; entry++) {
        const base = (indices[entry] ?? 0) * classes;
        const value = values[entry] ?? 0;
        for (let k = 0; k < classes; k++) scores[k] = (scores[k] ?? 0) + value * (point[base + k] ?? 0);
      }
      softmax(scores);
      const label = target[row] ?? 0;
      const weight = (weights[label] ?? 0) / total;
      loss -= weight * log(Math.max(scores[label] ?? 0, 1e-300));
      scores[label] = (scores[label] ?? 0) - 1;
      for (let k = 0; k < classes; k++) scores[k] = (scores[k] ?? 0) * weight;
      for (let k = 0; k < classes; k++) gradient[bias + k] = (gradient[bias + k] ?? 0) + (scores[k] ?? 0);
      for (let entry = start; entry < end; entry++) {
        const base = (indices[entry] ?? 0) * classes;
        const value = values[entry] ?? 0;
        for (let k = 0; k < classes; k++) gradient[base + k] = (gradient[base + k] ?? 0) + value * (scores[k] ?? 0);
      }
    }
    let square = 0;
    for (let at = 0; at < bias; at++) {
      const weight = point[at] ?? 0;
      square += weight * weight;
      gradient[at] = (gradient[at] ?? 0) + penalty * weight;
    }
    return loss + (penalty * square) / 2;
  };
}

/**
 * Multinomial (softmax) logistic regression with an L2 penalty, by L-BFGS: the optimum of scikit-learn's LogisticRegression
 * with the same C and class_weight.
 */
export function fitLogisticRegression(set: TrainingSet, params: LogisticParams): Fit {
  const { classes, matrix } = set;
  const point = new Float64Array((matrix.columns + 1) * classes);
  const { converged } = minimize(crossEntropy(set, params), point, params);
  const bias = matrix.columns * classes;
  return { model: { kind: 'linear', classes, weights: point.slice(0, bias), bias: point.slice(bias) }, converged };
}
