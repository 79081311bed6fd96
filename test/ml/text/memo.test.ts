import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HASH_SEED, Memo, hashByte } from '../../../ml/text/memo.ts';
import { WordReader } from '../../../ml/text/words.ts';

const bytesOf = (word: string): Uint8Array => Uint8Array.from(word, (character) => character.charCodeAt(0));

function find<T>(memo: Memo<T>, word: string, make: (word: string) => T): T {
  const bytes = bytesOf(word);
  return memo.find(bytes, { from: 0, end: bytes.length, hash: bytes.reduce(hashByte, HASH_SEED) }, () => make(word));
}

describe('a memo of words', () => {
  test('gives what is made of a word, and makes it once', () => {
    const made: string[] = [];
    const memo = new Memo<string>();
    const make = (word: string): string => {
      made.push(word);
      return word.toUpperCase();
    };
    assert.deepEqual(['satu', 'dua', 'satu', 'satu'].map((word) => find(memo, word, make)), ['SATU', 'DUA', 'SATU', 'SATU']);
    assert.deepEqual(made, ['satu', 'dua']);
  });

  test('tells words apart whose hashes are the same', () => {
    const memo = new Memo<string>();
    // Pairs with one FNV-1a: known since 32 bits are few.
    for (const word of ['costarring', 'liquid', 'declinate', 'macallums', 'costarring', 'macallums', 'liquid', 'declinate']) assert.equal(find(memo, word, (made) => `<${made}>`), `<${word}>`);
  });

  test('stays right with more words than it keeps, and with long ones', () => {
    const memo = new Memo<string>();
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 100_000; index++) {
        const word = `w${index.toString(36)}`;
        assert.equal(find(memo, word, (made) => `<${made}>`), `<${word}>`);
      }
    }
    assert.equal(find(memo, 'x'.repeat(100), (word) => String(word.length)), '100');
    assert.equal(find(memo, '', () => 'nothing'), 'nothing');
  });
});

describe('a reader of words', () => {
  const wordsIn = (reader: WordReader<string>, text: string): readonly string[] => reader.found.slice(0, reader.read(text));

  test('finds the words of a text, and a mark for a run of them, whatever was read before', () => {
    const reader = new WordReader((word) => word);
    assert.deepEqual(wordsIn(reader, "berkali-kali don't - a-"), ['berkali-kali', "don't", 'a']);
    assert.deepEqual(wordsIn(reader, 'apa?!! ya!!'), ['apa', '?', 'ya', '!']);
    assert.deepEqual(wordsIn(reader, 'kopi é 👍 apa?!'), ['kopi', 'é', '👍', 'apa', '?']);
    assert.deepEqual(wordsIn(reader, ''), []);
    assert.deepEqual(wordsIn(reader, `${'x '.repeat(20_000)}y`).length, 20_001);
  });

  test('asks once for each word, also where texts beyond ASCII have it', () => {
    const made: string[] = [];
    const reader = new WordReader((word) => {
      made.push(word);
      return word;
    });
    for (const text of ['satu dua', 'dua é satu', 'é dua']) reader.read(text);
    assert.deepEqual(made, ['?', '!', 'satu', 'dua', 'é']);
  });
});
