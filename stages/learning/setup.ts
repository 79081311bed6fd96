import type { Fitter } from '../../ml/train.ts';
import { fitLogisticRegression } from '../../ml/estimators/logistic-regression.ts';
import { fitMultinomialNb } from '../../ml/estimators/multinomial-nb.ts';
import { fitRandomForest } from '../../ml/estimators/random-forest.ts';
import type { EstimatorName } from '../../schema/app.ts';
import { LogisticRegressionParams, NaiveBayesParams, RandomForestParams } from '../../schema/params.ts';
import type { FeatureParams } from '../../schema/params.ts';

/** An estimator as params.yaml wants it. */
export interface Setup {
  readonly implementation: 'sparse' | 'mljs';
  readonly features: FeatureParams;
  readonly fit: Fitter;
  /** Null where the estimator takes no steps. */
  readonly iterationsMax: number | null;
  /** Rows times features that the implementation can bear; null for no bound. */
  readonly cellsMax: number | null;
}

/** The mljs packages are loaded only where they are asked for: they cost more time than training does. */
async function logisticRegression(params: LogisticRegressionParams): Promise<Setup> {
  const { implementation, features, iterationsMax } = params;
  if (implementation === 'sparse') return { implementation, features, iterationsMax, cellsMax: null, fit: (set) => fitLogisticRegression(set, params) };
  const { CELLS_MAX, fitMljsLogistic } = await import('../../ml/mljs/logistic.ts');
  return { implementation, features, iterationsMax, cellsMax: CELLS_MAX, fit: (set) => fitMljsLogistic(set, params) };
}

async function randomForest(params: RandomForestParams, seed: number): Promise<Setup> {
  const { implementation, features } = params;
  if (implementation === 'sparse') return { implementation, features, iterationsMax: null, cellsMax: null, fit: (set) => fitRandomForest(set, { ...params, seed }) };
  const [{ CELLS_MAX }, { fitMljsForest }] = await Promise.all([import('../../ml/mljs/logistic.ts'), import('../../ml/mljs/forest.ts')]);
  return { implementation, features, iterationsMax: null, cellsMax: CELLS_MAX, fit: (set) => fitMljsForest(set, { ...params, seed }) };
}

/** From the declared params of one estimator (`train.<estimator>`). */
export async function setupOf(estimator: EstimatorName, params: unknown, seed: number): Promise<Setup> {
  switch (estimator) {
    case 'multinomial-nb': {
      const bayes = NaiveBayesParams.parse(params);
      return { implementation: bayes.implementation, features: bayes.features, iterationsMax: null, cellsMax: null, fit: (set) => fitMultinomialNb(set, bayes) };
    }
    case 'logistic-regression':
      return logisticRegression(LogisticRegressionParams.parse(params));
    case 'random-forest':
      return randomForest(RandomForestParams.parse(params), seed);
    default: {
      const never: never = estimator;
      return never;
    }
  }
}
