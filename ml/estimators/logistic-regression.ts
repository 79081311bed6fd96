import { log, softmax } from '../math.ts';
import { classWeights } from './estimator.ts';
import type { Fit, TrainingSet } from './estimator.ts';
import { minimize } from './lbfgs.ts';
import type { Objective } from './lbfgs.ts';
import type { Sparse } from '../vectorize/sparse.ts';

export interface LogisticParams {
  /** Inverse strength of the penalty: the objective is C * loss + |weights|^2 / 2, the bias not penalised. */
  readonly C: number;
  readonly classWeight: 'none' | 'balanced';
  /** Largest part of the gradient of the mean loss at the end. */
  readonly tolerance: number;
  readonly iterationsMax: number;
}

/** Adds value * weights of each feature of a row to the scores of the classes. */
type Accumulate = (row: number, point: Float64Array, scores: Float64Array) => void;

/** The hot loops for three classes, with the scores in variables: twice as quick as the loop over classes. */
function threeClasses({ offsets, indices, values }: Sparse): { forward: Accumulate; backward: Accumulate } {
  return {
    forward(row, point, scores) {
      let [s0, s1, s2] = [scores[0] ?? 0, scores[1] ?? 0, scores[2] ?? 0];
      const end = offsets[row + 1] ?? 0;
      for (let entry = offsets[row] ?? 0; entry < end; entry++) {
        const base = (indices[entry] ?? 0) * 3;
        const value = values[entry] ?? 0;
        s0 += value * (point[base] ?? 0);
        s1 += value * (point[base + 1] ?? 0);
        s2 += value * (point[base + 2] ?? 0);
      }
      scores[0] = s0;
      scores[1] = s1;
      scores[2] = s2;
    },
    backward(row, gradient, errors) {
      const [e0, e1, e2] = [errors[0] ?? 0, errors[1] ?? 0, errors[2] ?? 0];
      const end = offsets[row + 1] ?? 0;
      for (let entry = offsets[row] ?? 0; entry < end; entry++) {
        const base = (indices[entry] ?? 0) * 3;
        const value = values[entry] ?? 0;
        gradient[base] = (gradient[base] ?? 0) + value * e0;
        gradient[base + 1] = (gradient[base + 1] ?? 0) + value * e1;
        gradient[base + 2] = (gradient[base + 2] ?? 0) + value * e2;
      }
    },
  };
}

function anyClasses({ offsets, indices, values }: Sparse, classes: number): { forward: Accumulate; backward: Accumulate } {
  return {
    forward(row, point, scores) {
      for (let entry = offsets[row] ?? 0; entry < (offsets[row + 1] ?? 0); entry++) {
        for (let k = 0; k < classes; k++) scores[k] = (scores[k] ?? 0) + (values[entry] ?? 0) * (point[(indices[entry] ?? 0) * classes + k] ?? 0);
      }
    },
    backward(row, gradient, errors) {
      for (let entry = offsets[row] ?? 0; entry < (offsets[row + 1] ?? 0); entry++) {
        const base = (indices[entry] ?? 0) * classes;
        for (let k = 0; k < classes; k++) gradient[base + k] = (gradient[base + k] ?? 0) + (values[entry] ?? 0) * (errors[k] ?? 0);
      }
    },
  };
}

/** Mean weighted cross-entropy plus penalty, at a point of weights (feature by class) followed by the biases. */
function crossEntropy(set: TrainingSet, params: LogisticParams): Objective {
  const { matrix, target, classes } = set;
  const { rows, columns } = matrix;
  const { forward, backward } = classes === 3 ? threeClasses(matrix) : anyClasses(matrix, classes);
  const weights = classWeights(target, classes, params.classWeight);
  let total = 0;
  for (const label of target) total += weights[label] ?? 0;
  const penalty = 1 / (params.C * total);
  const scores = new Float64Array(classes);
  const bias = columns * classes;
  return (point, gradient) => {
    let loss = 0;
    gradient.fill(0);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < classes; k++) scores[k] = point[bias + k] ?? 0;
      forward(row, point, scores);
      softmax(scores);
      const label = target[row] ?? 0;
      const weight = (weights[label] ?? 0) / total;
      loss -= weight * log(Math.max(scores[label] ?? 0, 1e-300));
      scores[label] = (scores[label] ?? 0) - 1;
      for (let k = 0; k < classes; k++) {
        scores[k] = (scores[k] ?? 0) * weight;
        gradient[bias + k] = (gradient[bias + k] ?? 0) + (scores[k] ?? 0);
      }
      backward(row, gradient, scores);
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
