import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../../ml/random.ts';
import { detectLanguage } from '../../../ml/text/language.ts';
import { normalize } from '../../../ml/text/normalize.ts';
import { createBytes } from '../../../ml/text/bytes.ts';
import { lookAt } from '../../../ml/text/quick.ts';
import { isWord, readTokens, tokenize } from '../../../ml/text/tokenize.ts';

const PIECES = [
  'a', 'A', 'aa', 'B', 'é', 'e\u0301', 'ﬁ', '1', '2', '22', '0812', '-', "'", '’', ' ', '  ', '\n', '\t', '\v', '\0', '\r', '!', '?', '...', ',', '@', 'a@b.co', 'www.', 'http://x.y', '://', '&', '&amp;', '&#33;', '<', '<b>',
  '</b>', '>', '👍', '👍🏽', '👨\u200d👩\u200d👧', '\u200d', '\ufe0f', '🇮🇩', '\ud83d', '\udc4d', '𝗯', '＠', '\u202e', '\u00a0', 'ß', 'Σ', 'K', '\u007f', '*', '#', '_', 'ab2', 'bagus2', 'ａ',
];

function texts(count: number): readonly string[] {
  const random = createRandom('quick');
  return Array.from({ length: count }, () => Array.from({ length: random.integer(10) }, () => random.pick(PIECES)).join(''));
}

/** The rule of a token, as one pattern: what tokenize does by character has to come to the same. */
const TOKEN = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*|\p{Regional_Indicator}{2}|\p{Extended_Pictographic}(?:\ufe0f|[\u{1f3fb}-\u{1f3ff}])*(?:\u200d\p{Extended_Pictographic}(?:\ufe0f|[\u{1f3fb}-\u{1f3ff}])*)*|[!?]+/gu;

function tokensByPattern(text: string): readonly string[] {
  return [...text.matchAll(TOKEN)].map(([match]) => {
    if (/^[!?]+$/.test(match)) return match.includes('?') ? '?' : '!';
    return match.replace(/^(\p{L}{2,})2$/u, '$1-$1').replaceAll(/[\u{1f3fb}-\u{1f3ff}]|\ufe0f/gu, '').replaceAll('’', "'");
  });
}

describe('the quick way', () => {
  test('to tokens gives what the pattern gives, on random texts', () => {
    for (const text of texts(30_000)) assert.deepEqual(tokenize(text, { stopwords: 'none', slang: false, punctuation: true }), tokensByPattern(text), JSON.stringify(text));
  });

  test('to one form gives what the thorough way gives, on random texts', () => {
    // A zero-width space before the text sends it the thorough way, which takes it out again.
    for (const text of texts(30_000)) assert.equal(normalize(text), normalize(`\u200b${text}`), JSON.stringify(text));
  });

  test('to a language gives what its tokens give', () => {
    const random = createRandom('language');
    const words = ['yang', 'tidak', 'the', 'not', 'bagus', 'good', 'ga', 'xyz', '👍', '!', 'bagus2', "don't"];
    for (let round = 0; round < 5000; round++) {
      const text = Array.from({ length: random.integer(9) }, () => random.pick([...words, ...PIECES])).join(' ');
      for (const params of [{ stopwords: 'none', slang: false, punctuation: false }, { stopwords: 'all', slang: true, punctuation: true }] as const) {
        const { tokens, language } = readTokens(normalize(text), params);
        assert.equal(language, detectLanguage(tokens), text);
        assert.deepEqual(readTokens(normalize(text), params, (token) => token), { tokens, language }, text);
      }
    }
  });

  test('is taken for plain text only', () => {
    const { bytes, load } = createBytes();
    const look = (text: string): ReturnType<typeof lookAt> => lookAt(bytes, load(text));
    assert.deepEqual(look('Bagus, mantap! 5 bintang'), { repeats: false, spaces: false });
    assert.deepEqual(look('baguuus\nsekali'), { repeats: true, spaces: true });
    for (const text of ['a&amp;b', '<b>', 'a@b.co', '0812 3456 789', '\u0000', '\u007f', 'http://x', 'WWW.x']) assert.equal(look(text), undefined, text);
    for (const text of ['a:/b', 'ww.x', '081234567']) assert.notEqual(look(text), undefined, text);
  });

  test('is not taken for a text that is longer than the room for its bytes, nor for one beyond ASCII', () => {
    const { load } = createBytes();
    assert.deepEqual([load('abc'), load(''), load('é'), load('👍'), load('\ud83d')], [3, 0, 2, 4, 3]);
    assert.deepEqual([load('a'.repeat(16_384)), load('a'.repeat(16_385)), load('é'.repeat(16_384))], [16_384, -1, -1]);
    assert.equal(normalize(`${'A '.repeat(20_000)}B`), `${'a '.repeat(20_000)}b`);
  });

  test('knows words by their first letter as the pattern does', () => {
    for (const token of ['a', '7', 'é', '一', '𝗯']) assert.equal(isWord(token), true, token);
    for (const token of ['!', '?', '👍', '🇮🇩', '']) assert.equal(isWord(token), false, token);
  });
});
