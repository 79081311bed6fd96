import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import type { TextParams } from '../../../schema/params.ts';
import { detectLanguage } from '../../../ml/text/language.ts';
import { normalize } from '../../../ml/text/normalize.ts';
import { SLANG } from '../../../ml/text/slang.ts';
import { createStem } from '../../../ml/text/stem.ts';
import { ENGLISH, INDONESIAN } from '../../../ml/text/stopword-lists.ts';
import { NEGATIONS, isStopword } from '../../../ml/text/stopwords.ts';
import { isWord, tokenize } from '../../../ml/text/tokenize.ts';

const plain: TextParams = { stopwords: 'none', stem: 'none', slang: false, punctuation: true };
const tokens = (raw: string, params: Partial<TextParams> = {}): readonly string[] => tokenize(normalize(raw), { ...plain, ...params });
const load = createRequire(import.meta.url);

describe('tokens', () => {
  test('are words, numbers, emoji and marks', () => {
    assert.deepEqual(tokens('Aplikasi bagus, 10 dari 10! 👍'), ['aplikasi', 'bagus', '10', 'dari', '10', '!', '👍']);
    assert.deepEqual(tokens('apa?! bagus!!', { punctuation: false }), ['apa', 'bagus']);
    assert.deepEqual(tokens('apa?! bagus!!'), ['apa', '?', 'bagus', '!']);
  });

  test('keep doubled words together, also in their short form', () => {
    assert.deepEqual(tokens('berkali-kali kali2 teman2 don’t'), ['berkali-kali', 'kali-kali', 'teman-teman', "don't"]);
    assert.deepEqual(tokens('web3 v2 5g'), ['web3', 'v2', '5g']);
  });

  test('fold skin tones and variants of an emoji, and keep a family and a flag whole', () => {
    assert.deepEqual(tokens('👍🏽👍 ❤️❤ 👨‍👩‍👧 🇮🇩'), ['👍', '👍', '❤', '❤', '👨‍👩‍👧', '🇮🇩']);
  });

  test('hold no space and are never empty, whatever comes', () => {
    for (const raw of ['', ' ', '\u0000', '👍\ufe0f', '🏽', '----', "'a'", '\u0301', '<<>>', 'a\u00a0b', '١٢٣ नमस्ते']) for (const token of tokens(raw)) assert.match(token, /^\S+$/u, JSON.stringify(raw));
  });

  test('write short forms out where slang is on', () => {
    assert.deepEqual(tokens('apk gk bs msk bgt', { slang: true }), ['aplikasi', 'tidak', 'bisa', 'masuk', 'banget']);
    for (const [form, word] of SLANG) assert.ok(!SLANG.has(word), `${form} -> ${word} is a short form itself`);
  });

  test('lose stopwords as asked, and negations only where all go', () => {
    assert.deepEqual(tokens('aplikasi ini tidak bisa', { stopwords: 'keep-negation' }), ['aplikasi', 'tidak']);
    assert.deepEqual(tokens('aplikasi ini tidak bisa', { stopwords: 'all' }), ['aplikasi']);
    assert.deepEqual(tokens('aplikasi ini tidak bisa'), ['aplikasi', 'ini', 'tidak', 'bisa']);
    for (const word of NEGATIONS) assert.equal(isStopword(word, 'keep-negation'), false, word);
  });

  test('know words from emoji and marks', () => {
    assert.deepEqual(['bagus', '10', '👍', '!'].map(isWord), [true, true, false, false]);
  });
});

describe('the lists of stopwords', () => {
  const words = (list: string): string[] => list.split(/\s+/).filter((word) => word !== '');

  test('the Indonesian one is that of the package natural', () => {
    const { words: theirs } = load('natural/lib/natural/util/stopwords_id.js') as { words: string[] };
    assert.deepEqual([...new Set(words(INDONESIAN))].sort(), [...new Set(theirs)].filter((word) => word !== '' && !/\s/.test(word)).sort());
  });

  test('the English one is that of the package natural', () => {
    const { words: theirs } = load('natural/lib/natural/util/stopwords.js') as { words: string[] };
    const letters = (list: readonly string[]): string[] => [...new Set(list)].filter((word) => /^[a-z]{2,}$|^a$/.test(word)).sort();
    assert.deepEqual(letters(words(ENGLISH)), letters(theirs));
  });
});

describe('the stemmer', () => {
  const stem = createStem();

  test('finds the root of common Indonesian words', () => {
    assert.deepEqual(['membantu', 'aplikasinya', 'mengecewakan', 'pembayaran', 'bagus'].map(stem), ['bantu', 'aplikasi', 'kecewa', 'bayar', 'bagus']);
  });

  test('leaves emoji, marks and numbers alone, and gives the same again', () => {
    assert.deepEqual(['👍', '!', '10', 'café'].map(stem), ['👍', '!', '10', 'café']);
    assert.equal(stem('membantu'), stem('membantu'));
  });
});

describe('the language', () => {
  const languageOf = (raw: string): string => detectLanguage(tokens(raw).filter(isWord));

  test('of a text by its everyday words', () => {
    assert.equal(languageOf('aplikasi ini sangat membantu dan mudah'), 'id');
    assert.equal(languageOf('this app is very good and easy to use'), 'en');
    assert.equal(languageOf('aplikasi ini very good tapi login is slow'), 'mixed');
    assert.equal(languageOf('👍'), 'other');
    assert.equal(languageOf('приложение'), 'other');
  });
});
