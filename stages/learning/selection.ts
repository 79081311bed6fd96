import { ESTIMATORS } from '../../schema/app.ts';
import type { EstimatorName } from '../../schema/app.ts';
import type { Selection, TrainingReport } from '../../schema/metrics.ts';
import type { SelectParams } from '../../schema/params.ts';

type Report = Pick<TrainingReport, 'estimator' | 'crossValidation'>;
export type Choice = Pick<Selection, 'estimator' | 'rule' | 'ranking'>;

/** Simplest first: fewer things to go wrong, quicker to predict, easier to explain. */
const simplicity = (estimator: EstimatorName): number => ESTIMATORS.indexOf(estimator);

/**
 * The estimator to go on with, by cross-validated macro-F1. `best` takes the highest mean; `one-standard-error` takes the
 * simplest estimator whose mean is within one standard error of the highest (Breiman et al., Classification and Regression
 * Trees, 1984, section 3.4.3). Test rows have no say. Undefined where no estimator has a score that is a number.
 */
export function choose(reports: readonly Report[], rule: SelectParams['rule']): Choice | undefined {
  const sound = reports.filter(({ crossValidation }) => Number.isFinite(crossValidation.mean) && Number.isFinite(crossValidation.standardError));
  const ordered = sound.toSorted((a, b) => b.crossValidation.mean - a.crossValidation.mean || simplicity(a.estimator) - simplicity(b.estimator));
  const [best] = ordered;
  if (best === undefined) return undefined;
  const least = best.crossValidation.mean - best.crossValidation.standardError;
  const ranking = ordered.map(({ estimator, crossValidation: { mean, standardError } }) => ({ estimator, mean, standardError, withinOneError: mean >= least }));
  const near = ranking.filter(({ withinOneError }) => withinOneError).toSorted((a, b) => simplicity(a.estimator) - simplicity(b.estimator));
  const chosen = rule === 'best' ? ranking[0] : near[0];
  return { estimator: chosen?.estimator ?? best.estimator, rule, ranking };
}
