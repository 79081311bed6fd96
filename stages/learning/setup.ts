import type { Fitter } from '../../ml/train.ts';
import { fitLogisticRegression } from '../../ml/estimators/logistic-regression.ts';
import { fitMultinomialNb } from '../../ml/estimators/multinomial-nb.ts';
import { fitRandomForest } from '../../ml/estimators/random-forest.ts';
import type { EstimatorName } from '../../schema/app.ts';
import { LogisticRegressionParams, NaiveBayesParams, RandomForestParams } from '../../schema/params.ts';
import type { FeatureParams } from '../../schema/params.ts';
import { parseParams } from '../params/parse.ts';
import type { Failed } from '../wording-learning.ts';

/** An estimator as params.yaml wants it. */
export interface Setup {
  readonly kind: 'setup';
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
  if (implementation === 'sparse') return { kind: 'setup', implementation, features, iterationsMax, cellsMax: null, fit: (set) => fitLogisticRegression(set, params) };
  const { CELLS_MAX, fitMljsLogistic } = await import('../../ml/mljs/logistic.ts');
  return { kind: 'setup', implementation, features, iterationsMax, cellsMax: CELLS_MAX, fit: (set) => fitMljsLogistic(set, params) };
}

async function randomForest(params: RandomForestParams, seed: number): Promise<Setup> {
  const { implementation, features } = params;
  if (implementation === 'sparse') return { kind: 'setup', implementation, features, iterationsMax: null, cellsMax: null, fit: (set) => fitRandomForest(set, { ...params, seed }) };
  const [{ CELLS_MAX }, { fitMljsForest }] = await Promise.all([import('../../ml/mljs/logistic.ts'), import('../../ml/mljs/forest.ts')]);
  return { kind: 'setup', implementation, features, iterationsMax: null, cellsMax: CELLS_MAX, fit: (set) => fitMljsForest(set, { ...params, seed }) };
}

/** From the declared params of one estimator (`train.<estimator>`). */
export async function setupOf(estimator: EstimatorName, value: unknown, seed: number): Promise<Setup | Failed> {
  const prefix = `train.${estimator}`;
  switch (estimator) {
    case 'multinomial-nb': {
      const parsed = parseParams(NaiveBayesParams, value, prefix);
      if (parsed.kind === 'failed') return parsed;
      const { implementation, features } = parsed.params;
      return { kind: 'setup', implementation, features, iterationsMax: null, cellsMax: null, fit: (set) => fitMultinomialNb(set, parsed.params) };
    }
    case 'logistic-regression': {
      const parsed = parseParams(LogisticRegressionParams, value, prefix);
      return parsed.kind === 'failed' ? parsed : logisticRegression(parsed.params);
    }
    case 'random-forest': {
      const parsed = parseParams(RandomForestParams, value, prefix);
      return parsed.kind === 'failed' ? parsed : randomForest(parsed.params, seed);
    }
    default: {
      const never: never = estimator;
      return never;
    }
  }
}
