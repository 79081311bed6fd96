import { Matrix } from 'ml-matrix';
import MlLogisticRegression from 'ml-logistic-regression';
import type { Fit, TrainingSet } from '../estimators/estimator.ts';

/** Dense, so rows times features is bounded; it takes a fixed number of full steps, so those are bounded too. */
export const CELLS_MAX = 4_000_000;
const STEPS_MAX = 300;
const LEARNING_RATE = 0.05;

export function dense({ matrix }: TrainingSet): number[][] {
  const { rows, columns, offsets, indices, values } = matrix;
  if (rows * columns > CELLS_MAX) throw new RangeError(`Cannot train with implementation "mljs" as ${rows} rows of ${columns} features are ${rows * columns} dense cells: at most ${CELLS_MAX}, so set features.featuresMax to ${Math.max(1, Math.floor(CELLS_MAX / rows))} or less`);
  return Array.from({ length: rows }, (_, row) => {
    const line = Array.from({ length: columns }, () => 0);
    for (let entry = offsets[row] ?? 0; entry < (offsets[row + 1] ?? 0); entry++) line[indices[entry] ?? 0] = values[entry] ?? 0;
    return line;
  });
}

interface OneAgainstRest {
  readonly weights: { to2DArray(): number[][] } | number[][];
}

function weightsOf(classifier: OneAgainstRest): readonly number[] {
  const { weights } = classifier;
  return (Array.isArray(weights) ? weights : weights.to2DArray()).flat();
}

/**
 * ml-logistic-regression (one class against the rest, full-batch gradient ascent, no bias, no penalty) as a point of
 * reference. Its weights become a linear model like any other, so that prediction is ours.
 */
export function fitMljsLogistic(set: TrainingSet, params: { readonly iterationsMax: number }): Fit {
  const { classes, matrix, target } = set;
  const features = new Matrix(dense(set));
  const model = new MlLogisticRegression({ numSteps: Math.min(STEPS_MAX, params.iterationsMax), learningRate: LEARNING_RATE });
  model.train(features, Matrix.columnVector([...target]));
  const weights = new Float64Array(matrix.columns * classes);
  for (const [k, classifier] of (model.classifiers as readonly OneAgainstRest[]).entries()) {
    // The package trains class k with the target 0 and the rest with 1: its scores count against the class.
    for (const [feature, weight] of weightsOf(classifier).entries()) weights[feature * classes + k] = -weight;
  }
  return { model: { kind: 'linear', classes, weights, bias: new Float64Array(classes) }, converged: false };
}
