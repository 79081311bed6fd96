import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { nearestName } from '../../records/nearest.ts';
import { paramProblems } from '../../schema/param-problems.ts';
import { CleanParams, CollectParams, FeatureParams, ValidateParams, WatchParams } from '../../schema/params.ts';
import { paramSentence } from '../../schema/wording-params.ts';

const told = (schema: z.ZodType, value: unknown, ...prefix: readonly string[]): readonly string[] => paramProblems(schema, value, prefix).map((problem) => paramSentence(problem, (name, known) => nearestName([name], known)));

describe('what is wrong with params', () => {
  const clean = { charactersMax: 1, text: { stopwords: 'none', stem: 'none', slang: true, punctuation: true }, labels: { threeStars: 'drop' } };

  test('is told by its key, the value seen and what it should be', () => {
    assert.deepEqual(told(CleanParams, clean, 'clean'), []);
    assert.deepEqual(told(CleanParams, { ...clean, charactersMax: 0, labels: { threeStars: 'maybe' } }, 'clean'), ['clean.charactersMax is 0: must be at least 1', 'clean.labels.threeStars is "maybe": must be one of neutral, negative, positive, drop']);
    assert.deepEqual(told(CleanParams, { ...clean, charactersMax: 1.5, text: { ...clean.text, slang: 'yes' } }, 'clean'), ['clean.text.slang is "yes": must be true or false', 'clean.charactersMax is 1.5: must be a whole number']);
    assert.deepEqual(told(CleanParams, { ...clean, text: 'plain' }), ['text is "plain": must be a map']);
    assert.deepEqual(told(z.object({ share: z.number().gt(0).lt(1), list: z.array(z.string()).min(1), name: z.string().max(2), size: z.number().max(5) }), { share: 1, list: [], name: 'abc', size: 9 }), [
      'share is 1: must be less than 1', 'list is []: must have at least 1 entries', 'name is "abc": must have at most 2 characters', 'size is 9: must be at most 5',
    ]);
    assert.deepEqual(told(z.object({ share: z.number().gt(0) }), { share: 0 }), ['share is 0: must be more than 0']);
    assert.deepEqual(told(z.object({ C: z.number() }), null, 'train', 'x'), ['train.x is null: must be a map']);
  });

  test('in a list by its place, and of forms in the words of their schema', () => {
    const features = { words: [1, 1], characters: null, minDocuments: 1, featuresMax: null, sublinear: true };
    assert.deepEqual(told(FeatureParams, { ...features, words: [0, 'two'] }), ['words.0 is 0: must be at least 1', 'words.1 is "two": must be a number']);
    assert.deepEqual(told(CollectParams.shape.fresh, { sample: 'never', file: 'soon', play: 6 }), ['file is "soon": must be never, or a duration such as 6h', 'play is 6: must be never or a text']);
  });

  test('that are missing or unknown is told with the name that was meant', () => {
    const { charactersMax, ...rest } = clean;
    assert.deepEqual(told(CleanParams, { ...rest, charctersMax: charactersMax }, 'clean'), ['clean.charactersMax is not there: must be a number', 'there is no clean.charctersMax: did you mean "charactersMax"?']);
    assert.deepEqual(told(ValidateParams, { rowsMin: 1, languages: { idn: [0, 1] }, rules: { 'empty-text': { severty: 'error', limit: 2 } } }), [
      'there is no languages.idn: did you mean "id"?', 'rules.empty-text.severity is not there: must be one of error, warning', 'rules.empty-text.limit is 2: must be at most 1', 'there is no rules.empty-text.severty: did you mean "severity"?',
    ]);
    assert.deepEqual(told(WatchParams.shape.volume, { severity: 'error', shareMin: 0, quite: { other: 1 } }), ['there is no quite']);
  });

  test('is cut where the value is long', () => {
    const [sentence = ''] = told(z.object({ app: z.number() }), { app: 'x'.repeat(500) });
    assert.ok(sentence.length < 130 && sentence.includes('xxx…: must be a number'), sentence);
  });
});
