import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EstimatorName } from '../../../schema/app.ts';
import { choose } from '../../../stages/learning/selection.ts';

const report = (estimator: EstimatorName, mean: number, standardError: number) => ({
  estimator,
  crossValidation: { folds: 5, macroF1: [mean], accuracy: [mean], mean, deviation: standardError * Math.sqrt(5), standardError },
});

describe('selection', () => {
  test('the rule of one standard error takes the simplest estimator that is as good as the best one', () => {
    const chosen = choose([report('multinomial-nb', 0.69, 0.01), report('logistic-regression', 0.7, 0.02), report('random-forest', 0.66, 0.01)], 'one-standard-error');
    assert.equal(chosen?.estimator, 'multinomial-nb');
    assert.deepEqual(chosen?.ranking.map(({ estimator, withinOneError }) => [estimator, withinOneError]), [['logistic-regression', true], ['multinomial-nb', true], ['random-forest', false]]);
  });

  test('a simpler estimator outside of one standard error is not taken', () => {
    assert.equal(choose([report('multinomial-nb', 0.67, 0.03), report('logistic-regression', 0.7, 0.02)], 'one-standard-error')?.estimator, 'logistic-regression');
  });

  test('the rule best takes the highest mean, whatever its uncertainty', () => {
    assert.equal(choose([report('multinomial-nb', 0.69, 0.01), report('random-forest', 0.7, 0.09)], 'best')?.estimator, 'random-forest');
  });

  test('of equal means the simpler estimator comes first', () => {
    assert.equal(choose([report('random-forest', 0.7, 0), report('multinomial-nb', 0.7, 0)], 'best')?.estimator, 'multinomial-nb');
  });

  test('an estimator without a number for a score is left out; with none left there is no choice', () => {
    assert.equal(choose([report('multinomial-nb', Number.NaN, 0.01), report('random-forest', 0.5, 0.01)], 'best')?.estimator, 'random-forest');
    assert.equal(choose([report('multinomial-nb', Number.NaN, 0.01)], 'best'), undefined);
  });

  test('does not depend on the order in which the reports come', () => {
    const reports = [report('random-forest', 0.7, 0.01), report('multinomial-nb', 0.695, 0.01), report('logistic-regression', 0.7, 0.01)];
    assert.deepEqual(choose(reports, 'one-standard-error'), choose(reports.toReversed(), 'one-standard-error'));
  });
});
