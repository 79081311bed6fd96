import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fitMultinomialNb } from '../../ml/estimators/multinomial-nb.ts';
import { predictRows } from '../../ml/estimators/score.ts';
import { createCounter } from '../../ml/features.ts';
import { exportModel, importModel } from '../../ml/model.ts';
import { createRandom } from '../../ml/random.ts';
import { createShares } from '../../ml/shares.ts';
import { fitAll } from '../../ml/train.ts';
import { countDocuments } from '../../ml/vectorize/counts.ts';
import { eachCharacterGram, eachWordGram } from '../../ml/vectorize/ngrams.ts';
import { transformTfidf } from '../../ml/vectorize/tfidf.ts';
import { GramTrie } from '../../ml/vectorize/trie.ts';
import { LABELS } from '../../schema/app.ts';

const text = { stopwords: 'none', stem: 'none', slang: true, punctuation: true } as const;
const random = createRandom('features');
const WORDS = ['a', 'ab', 'bagus', 'tidak', 'é', 'kopi-kopi', '👍', '👨‍👩‍👧', '7', '?', 'mantap,', 'x'.repeat(40), `${'y'.repeat(40)}é`, 'İ', '漢字'];
const documents = Array.from({ length: 300 }, () => {
  const tokens = Array.from({ length: random.integer(9) }, () => random.pick(WORDS));
  return { text: tokens.join(' '), tokens };
});
const target = Uint8Array.from(documents, () => random.integer(3));

for (const [words, characters] of [[[1, 2], [2, 5]], [[1, 1], null], [[2, 3], [4, 6]], [[1, 3], [1, 1]]] as const) {
  const features = { words: [...words] as [number, number], characters: characters === null ? null : ([...characters] as [number, number]), minDocuments: 2, featuresMax: null, sublinear: true };
  const { model, blocks } = fitAll({ documents, target, classes: 3, features, fit: (set) => fitMultinomialNb(set, { alpha: 0.1, prior: 'uniform' }) });
  const loaded = importModel(exportModel({ estimator: 'multinomial-nb', labels: LABELS, text, features, blocks, model }));
  const count = createCounter(loaded);

  describe(`features of words ${words.join(' to ')}, characters ${characters?.join(' to ') ?? 'none'}`, () => {
    test('are those that n-grams cut out one by one give, as often', () => {
      for (const document of documents) {
        for (const [part, { block, tally }] of count(document).entries()) {
          const known = new Map(blocks[part]?.terms.map((term, feature) => [term, feature]));
          const expected = new Map<number, number>();
          const use = (gram: string): void => {
            const feature = known.get(gram);
            if (feature !== undefined) expected.set(feature, (expected.get(feature) ?? 0) + 1);
          };
          if (block.kind === 'words') eachWordGram(document.tokens, features.words, use);
          else if (features.characters !== null) eachCharacterGram(document.text, features.characters, use);
          const found = Array.from({ length: tally.size }, (_, index) => [tally.met[index] ?? -1, tally.times[index] ?? 0] as const);
          assert.deepEqual(found.toSorted(([a], [b]) => a - b), [...expected].toSorted(([a], [b]) => a - b), JSON.stringify(document.text));
        }
      }
    });

    test('give the probabilities that the matrix gives, as near as numbers are', () => {
      const sharesOf = createShares(loaded);
      // The exported weights are Float32: so are those of the matrix here.
      const rows = predictRows(loaded.model, transformTfidf(countDocuments(documents, features), blocks, { rows: documents.map((_, row) => row), sublinear: true }));
      for (const [row, document] of documents.entries()) {
        for (const [k, share] of [...sharesOf(count(document))].entries()) assert.ok(Math.abs(share - (rows[row]?.[k] ?? 0)) < 1e-6, `${document.text}: ${share} and ${rows[row]?.[k]}`);
      }
    });
  });
}

describe('a trie of n-grams', () => {
  test('knows the terms it was made of and no others, however they begin', () => {
    const terms = [[1], [1, 2], [1, 2, 3], [2, 2], [3, 1, 1, 1], [1_114_111], [0]];
    const trie = new GramTrie(terms);
    const featureOf = (term: readonly number[]): number => {
      const node = term.reduce((at, symbol) => (at === -1 ? -1 : trie.step(at, symbol)), 0);
      return node === -1 ? -1 : (trie.features[node] ?? -1);
    };
    assert.deepEqual(terms.map(featureOf), terms.map((_, feature) => feature));
    for (const other of [[], [2], [3], [3, 1], [1, 2, 3, 4], [4], [1, 1], [-1]]) assert.equal(featureOf(other), -1, other.join());
    assert.equal(new GramTrie([]).step(0, 1), -1);
  });
});
