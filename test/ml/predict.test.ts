import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeBytes, decodeFloats, decodeInts, encodeBytes, encodeFloats, encodeInts } from '../../ml/base64.ts';
import { fitLogisticRegression } from '../../ml/estimators/logistic-regression.ts';
import { fitMultinomialNb } from '../../ml/estimators/multinomial-nb.ts';
import { fitRandomForest } from '../../ml/estimators/random-forest.ts';
import { exportModel } from '../../ml/model.ts';
import type { ModelArtefact } from '../../ml/model.ts';
import { createPredictor } from '../../ml/predict.ts';
import { normalize } from '../../ml/text/normalize.ts';
import { tokenize } from '../../ml/text/tokenize.ts';
import { fitAll } from '../../ml/train.ts';
import type { Fitter } from '../../ml/train.ts';
import { LABELS } from '../../schema/app.ts';
import type { EstimatorName } from '../../schema/app.ts';
import { corpus } from './fixtures.ts';

const text = { stopwords: 'none', stem: 'none', slang: true, punctuation: true } as const;
const features = { words: [1, 2] as [number, number], characters: [2, 4] as [number, number], minDocuments: 1, featuresMax: null, sublinear: true };
const FITTERS: Readonly<Record<EstimatorName, Fitter>> = {
  'multinomial-nb': (set) => fitMultinomialNb(set, { alpha: 0.1, prior: 'uniform' }),
  'logistic-regression': (set) => fitLogisticRegression(set, { C: 5, classWeight: 'balanced', tolerance: 1e-4, iterationsMax: 200 }),
  'random-forest': (set) => fitRandomForest(set, { trees: 15, samplesLeafMin: 1, depthMax: null, classWeight: 'balanced', seed: 1 }),
};
const { documents: raw, labels } = corpus();
const documents = raw.map((document) => {
  const normal = normalize(document.text);
  return { text: normal, tokens: tokenize(normal, text) };
});
const target = Uint8Array.from(labels, (label) => LABELS.findIndex((known) => known === label));

function train(estimator: EstimatorName): ModelArtefact {
  const { model, blocks } = fitAll({ documents, target, classes: 3, features, fit: FITTERS[estimator] });
  return exportModel({ estimator, labels: LABELS, text, features, blocks, model });
}

describe('an exported model', () => {
  for (const estimator of ['multinomial-nb', 'logistic-regression', 'random-forest'] as const) {
    const artefact = train(estimator);
    const predictor = createPredictor(artefact);

    test(`of ${estimator} predicts the same bits after a way through JSON`, () => {
      const again = createPredictor(JSON.parse(JSON.stringify(artefact)) as ModelArtefact);
      for (const { text: each } of raw) assert.deepEqual(again.predict(each), predictor.predict(each));
    });

    test(`of ${estimator} predicts the same bits from a text and from its document`, () => {
      for (const [index, { text: each }] of raw.entries()) assert.deepEqual(predictor.predict(each), predictor.predictDocument(documents[index] ?? { text: '', tokens: [] }));
    });

    test(`of ${estimator} has learned the rows it was trained on, with shares that sum to one`, () => {
      const right = raw.filter(({ text: each }, index) => predictor.predict(each).label === labels[index]).length;
      assert.ok(right / raw.length > 0.9, `${right} of ${raw.length}`);
      for (const { text: each } of raw) assert.ok(Math.abs(Object.values(predictor.predict(each).probabilities).reduce((sum, share) => sum + share, 0) - 1) < 1e-12);
    });

    test(`of ${estimator} answers to the empty text and to words it never saw`, () => {
      for (const each of ['', '\u0000', 'zzzz', '漢字', '\ud83d']) {
        const { label, probabilities } = predictor.predict(each);
        assert.ok(LABELS.includes(label));
        assert.ok(Object.values(probabilities).every((share) => share >= 0 && share <= 1));
      }
    });
  }

  test('says which words decided, strongest first, and that a forest cannot', () => {
    const [first, second] = createPredictor(train('logistic-regression')).explain('aplikasi bagus mudah', 2);
    assert.ok(['bagus', 'mudah', 'aplikasi bagus', 'bagus mudah'].includes(first?.term ?? ''), JSON.stringify([first, second]));
    assert.ok((first?.weight ?? 0) >= Math.abs(second?.weight ?? 0));
    assert.deepEqual(createPredictor(train('random-forest')).explain('bagus', 3), []);
  });

  test('counts the words it does not know', () => {
    assert.deepEqual(createPredictor(train('multinomial-nb')).unknownWords({ text: '', tokens: ['bagus', 'zzz', 'yyy'] }), { unknown: 2, words: 3 });
  });

  test('made with a stemmer is refused without one, with what to do', () => {
    const artefact = { ...train('multinomial-nb'), text: { ...text, stem: 'indonesian' as const } };
    assert.throws(() => createPredictor(artefact), /no stemmer was given: train with clean\.text\.stem none/);
    assert.equal(typeof createPredictor(artefact, (token) => token).predict('bagus').label, 'string');
  });
});

describe('base64', () => {
  test('equals that of Node for every length, little-endian', () => {
    for (let length = 0; length < 20; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 83 + length) % 256);
      assert.equal(encodeBytes(bytes), Buffer.from(bytes).toString('base64'));
      assert.deepEqual(decodeBytes(encodeBytes(bytes)), bytes);
    }
    assert.equal(encodeFloats([1, -0.5]), Buffer.from(new Float32Array([1, -0.5]).buffer).toString('base64'));
  });

  test('gives every Float32 and Int32 back, infinities too', () => {
    const floats = [0, -0, 1.5, -Infinity, 1.401298464324817e-45, 3.4028234663852886e38];
    assert.deepEqual([...decodeFloats(encodeFloats(floats))], floats);
    const ints = [0, -1, 2147483647, -2147483648];
    assert.deepEqual([...decodeInts(encodeInts(ints))], ints);
  });
});
