import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FeatureParams } from '../../../schema/params.ts';
import { countDocuments } from '../../../ml/vectorize/counts.ts';
import { eachCharacterGram, eachWordGram } from '../../../ml/vectorize/ngrams.ts';
import { takeRows } from '../../../ml/vectorize/sparse.ts';
import { fitTfidf, transformTfidf } from '../../../ml/vectorize/tfidf.ts';
import { corpus, fixture, largestDifference } from '../fixtures.ts';
import type { SparseJson } from '../fixtures.ts';

interface Case {
  readonly minDocuments: number;
  readonly sublinear: boolean;
  readonly terms: [string[], string[]];
  readonly idf: [number[], number[]];
  readonly matrix: SparseJson;
}

const { train, cases } = fixture<{ train: number[]; cases: Case[] }>('tfidf.json');
const { documents } = corpus();
const every = documents.map((_, row) => row);
const paramsOf = (minDocuments: number, sublinear: boolean): FeatureParams => ({ words: [1, 2], characters: [2, 4], minDocuments, featuresMax: null, sublinear });

describe("TF-IDF equals scikit-learn's TfidfVectorizer", () => {
  for (const { minDocuments, sublinear, terms, idf, matrix } of cases) {
    test(`word 1-2 and char_wb 2-4 grams, min_df ${minDocuments}, sublinear ${sublinear}: terms, idf and weights`, () => {
      const params = paramsOf(minDocuments, sublinear);
      const counts = countDocuments(documents, params);
      const blocks = fitTfidf(counts, train, params);
      assert.deepEqual(blocks.map((block) => block.terms), terms);
      for (const [index, block] of blocks.entries()) assert.ok(largestDifference(block.idf, idf[index] ?? []) < 1e-14);
      const ours = transformTfidf(counts, blocks, { rows: every, sublinear });
      assert.deepEqual([[...ours.offsets], [...ours.indices], ours.columns], [matrix.offsets, matrix.indices, matrix.columns]);
      assert.ok(largestDifference(ours.values, matrix.values) < 1e-14);
    });
  }
});

describe('the vectorizer', () => {
  test('learns from the rows it is given and from no others', () => {
    const params = paramsOf(1, false);
    const few = [0, 1, 2];
    const all = fitTfidf(countDocuments(documents, params), few, params);
    const alone = fitTfidf(countDocuments(documents.slice(0, 3), params), few, params);
    assert.deepEqual(all.map(({ terms, idf }) => [terms, [...idf]]), alone.map(({ terms, idf }) => [terms, [...idf]]));
  });

  test('keeps the most frequent terms of each block when there is a limit, earlier ones first among equals', () => {
    const params: FeatureParams = { words: [1, 1], characters: null, minDocuments: 1, featuresMax: 2, sublinear: false };
    const rows = ['a b', 'a c', 'a b d'].map((text) => ({ text, tokens: text.split(' ') }));
    assert.deepEqual(fitTfidf(countDocuments(rows, params), [0, 1, 2], params).map(({ terms }) => terms), [['a', 'b']]);
    assert.deepEqual(fitTfidf(countDocuments(rows.slice(1), params), [0, 1], params).map(({ terms }) => terms), [['a', 'b']]);
  });

  test('a document without a known term has no entries, and the others unit length', () => {
    const params: FeatureParams = { words: [1, 1], characters: null, minDocuments: 2, featuresMax: null, sublinear: true };
    const rows = ['a b', 'zzz', 'a b b', ''].map((text) => ({ text, tokens: text === '' ? [] : text.split(' ') }));
    const counts = countDocuments(rows, params);
    const matrix = transformTfidf(counts, fitTfidf(counts, [0, 1, 2, 3], params), { rows: [0, 1, 2, 3], sublinear: true });
    assert.deepEqual([...matrix.offsets], [0, 2, 2, 4, 4]);
    for (const row of [0, 2]) {
      const values = [...takeRows(matrix, [row]).values];
      assert.ok(Math.abs(values.reduce((sum, value) => sum + value * value, 0) - 1) < 1e-15);
    }
  });
});

describe('n-grams', () => {
  const gather = (each: (use: (gram: string) => void) => void): string[] => {
    const grams: string[] = [];
    each((gram) => grams.push(gram));
    return grams;
  };

  test('of words are joined by a space', () => {
    assert.deepEqual(gather((use) => eachWordGram(['a', 'b', 'c'], [1, 3], use)), ['a', 'b', 'c', 'a b', 'b c', 'a b c']);
    assert.deepEqual(gather((use) => eachWordGram([], [1, 2], use)), []);
  });

  test('of characters stay inside a word, and a short word gives itself once', () => {
    assert.deepEqual(gather((use) => eachCharacterGram('ab c', [2, 4], use)), [' a', 'ab', 'b ', ' ab', 'ab ', ' ab ', ' c', 'c ', ' c ']);
    assert.deepEqual(gather((use) => eachCharacterGram('a', [4, 6], use)), [' a ']);
  });

  test('of characters never cut an emoji', () => {
    assert.deepEqual(gather((use) => eachCharacterGram('👍a', [2, 2], use)), [' 👍', '👍a', 'a ']);
  });
});
