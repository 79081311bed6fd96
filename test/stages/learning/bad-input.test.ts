import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Decision } from '../../../schema/registry.ts';
import { MetricsReport } from '../../../schema/metrics.ts';
import type { StageOutcome } from '../../../stages/context.ts';
import { Workspace, reviews } from './rig.ts';

function failure(outcome: StageOutcome): readonly [string, string] {
  return outcome.kind === 'failed' ? [outcome.problem, outcome.remedy] : [`not failed: ${JSON.stringify(outcome)}`, ''];
}

describe('the learning stages on bad input', () => {
  let workspace: Workspace;
  beforeEach(() => (workspace = new Workspace()));
  afterEach(() => workspace.remove());
  const estimator = (name: string, changes: Readonly<Record<string, unknown>>): void => {
    workspace.set('train', { [name]: { ...(workspace.params.train?.[name] as object), ...changes } });
  };

  test('zero reviews: train and drift say so, and write nothing', async () => {
    workspace.write([]);
    assert.deepEqual(failure(await workspace.run('train')), ['Cannot go on as the training side has no rows', 'collect more reviews, or change split.testShare (data/clean/dropped.csv says why reviews were dropped)']);
    assert.deepEqual(failure(await workspace.run('drift')), ['Cannot go on as there are no reviews', 'look at reports/quality.json and data/clean/dropped.csv, and collect more reviews']);
    assert.equal(existsSync(path.join(workspace.folder, 'data/train/logistic-regression/model.json')), false);
    assert.equal(existsSync(path.join(workspace.folder, 'data/drift/drift.json')), false);
  });

  test('one class only: train names it', async () => {
    workspace.write(reviews(60, { mix: ['positive'] }));
    const [problem, remedy] = failure(await workspace.run('train'));
    assert.match(problem, /^Cannot train as all \d+ training rows have the label "positive": there must be at least two labels$/);
    assert.match(remedy, /clean\.labels\.threeStars/);
  });

  test('fewer texts than folds: train says how many folds there may be', async () => {
    workspace.write(reviews(5));
    workspace.set('train', { folds: 10 });
    assert.deepEqual(failure(await workspace.run('train')), ['Cannot cross-validate in 10 folds as the training side has 4 different texts only', 'collect more reviews, or set train.folds to 4 or less']);
  });

  test('no term often enough: train names the key to lower', async () => {
    workspace.write(reviews(60));
    estimator('logistic-regression', { features: { words: [1, 1], characters: null, minDocuments: 1000, featuresMax: null, sublinear: true } });
    assert.deepEqual(failure(await workspace.run('train')), ['Cannot train logistic-regression as no term stands in 1000 documents or more', 'lower train.logistic-regression.features.minDocuments, or collect more reviews']);
  });

  test('a param of the wrong type: its key, the value seen, what it should be, and the file', async () => {
    workspace.write(reviews(60));
    estimator('logistic-regression', { C: 'large' });
    const outcome = await workspace.run('train');
    assert.deepEqual(outcome, { kind: 'failed', problem: 'Cannot use params.yaml: train.logistic-regression.C is "large": must be a number', remedy: 'mend it in params.yaml, or in --set', where: 'params.yaml' });
  });

  test('a rating that is no number: the line and the column', async () => {
    workspace.write(reviews(60));
    const file = path.join(workspace.folder, 'data/split/train.csv');
    const lines = workspace.read('data/split/train.csv').split('\n');
    writeFileSync(file, lines.map((line, index) => (index === 7 ? line.replace(/,[135],/, ',NaN,') : line)).join('\n'));
    const outcome = await workspace.run('train');
    assert.deepEqual(failure(outcome)[0], 'Cannot read data/split/train.csv as line 8 has "NaN" as "rating", which must be a number');
    assert.equal(outcome.kind === 'failed' && outcome.where, 'data/split/train.csv:8');
  });

  test('scores of another dataset: select names the file and both datasets', async () => {
    workspace.write(reviews(200));
    await workspace.learn();
    const file = 'data/train/multinomial-nb/scores.json';
    writeFileSync(path.join(workspace.folder, file), JSON.stringify({ ...(workspace.json(file) as object), dataset: 'file:com.valar.pintu' }));
    assert.equal(failure(await workspace.run('select'))[0], `Cannot use ${file} as it is of the dataset "file:com.valar.pintu": expected "sample:com.valar.pintu"`);
  });

  test('a candidate below the floor: promote rejects it, champion says why nothing serves', async () => {
    workspace.write(reviews(200));
    workspace.set('gate', { macroF1Min: 0.999 });
    const [problem, remedy] = failure(await workspace.learn());
    assert.match(problem, /^Cannot serve a model of the dataset "sample:com\.valar\.pintu" as none has passed the gate: macro-F1 0\.\d{3} is below gate\.macroF1Min 0\.999$/);
    assert.equal(remedy, 'collect more reviews, or lower gate.macroF1Min in params.yaml');
    assert.equal(Decision.parse(workspace.json('data/promote/decision.json')).decision, 'rejected');
    assert.equal(existsSync(path.join(workspace.folder, 'data/champion/champion.json')), false);
    assert.deepEqual(workspace.events.map(({ kind }) => kind), ['gate-rejected']);
  });

  test('an estimator of mljs on too many cells: the bound and the key', async () => {
    workspace.write(reviews(60));
    estimator('logistic-regression', { implementation: 'mljs', features: { words: [1, 2], characters: [2, 5], minDocuments: 1, featuresMax: null, sublinear: true } });
    workspace.write(reviews(3000));
    const [problem, remedy] = failure(await workspace.run('train'));
    assert.match(problem, /^Cannot train logistic-regression with implementation "mljs" as \d+ rows of \d+ features are \d+ dense cells: at most \d+$/);
    assert.match(remedy, /^set train\.logistic-regression\.features\.featuresMax so that all features together are \d+ or less, or implementation: sparse$/);
  });

  test('a broken registry: drift says so and leaves it as it is', async () => {
    workspace.write(reviews(60));
    mkdirSync(path.join(workspace.folder, 'models'), { recursive: true });
    writeFileSync(path.join(workspace.folder, 'models/registry.json'), '{"format": 1, "data');
    const [problem, remedy] = failure(await workspace.run('drift'));
    assert.match(problem, /^Cannot read models\/registry\.json/);
    assert.match(remedy, /models\/registry\.json/);
    assert.equal(workspace.read('models/registry.json'), '{"format": 1, "data');
  });
});

describe('less than three labels', () => {
  test('where three stars were dropped, models know two labels, and the third has no scores and the probability 0', async () => {
    const workspace = new Workspace();
    try {
      workspace.write(reviews(300, { mix: ['positive', 'negative'] }));
      const outcome = await workspace.learn();
      assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
      const { estimators } = MetricsReport.parse(workspace.json('reports/metrics.json'));
      for (const { test: scores } of estimators) {
        assert.deepEqual(scores.confusion.map((row) => row[1]), [0, 0, 0]);
        assert.ok(scores.macro.f1 > 0.7, 'the label that is nowhere does not pull the mean down');
      }
      const [, first = ''] = workspace.read('data/predict/predictions.csv').split('\n');
      assert.equal(first.split(',')[5], '0');
    } finally {
      workspace.remove();
    }
  });
});

describe('the packages of mljs', () => {
  test('train, are exported and predict like the others', async () => {
    const workspace = new Workspace();
    try {
      workspace.write(reviews(120));
      const features = { words: [1, 1], characters: null, minDocuments: 2, featuresMax: 40, sublinear: true };
      workspace.set('train', {
        'logistic-regression': { ...(workspace.params.train?.['logistic-regression'] as object), implementation: 'mljs', features },
        'random-forest': { ...(workspace.params.train?.['random-forest'] as object), implementation: 'mljs', features, trees: 3 },
      });
      workspace.set('gate', { macroF1Min: 0.1 });
      const outcome = await workspace.learn();
      assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
      const { estimators } = MetricsReport.parse(workspace.json('reports/metrics.json'));
      assert.deepEqual(estimators.map(({ implementation }) => implementation), ['sparse', 'mljs', 'mljs']);
      const logistic = estimators.find(({ estimator }) => estimator === 'logistic-regression');
      assert.ok((logistic?.test.macro.f1 ?? 0) > 0.4, JSON.stringify(logistic?.test));
    } finally {
      workspace.remove();
    }
  });
});
