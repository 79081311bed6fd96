import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemo } from '../../../ml/text/memo.ts';

describe('a memo of words', () => {
  test('gives what is made of the word at a place, and makes it once', () => {
    const made: string[] = [];
    const memo = createMemo((word) => {
      made.push(word);
      return word.toUpperCase();
    });
    const text = 'satu dua satu';
    assert.deepEqual([memo(text, 0, 4), memo(text, 5, 8), memo(text, 9, 13), memo('satu', 0, 4)], ['SATU', 'DUA', 'SATU', 'SATU']);
    assert.deepEqual(made, ['satu', 'dua']);
  });

  test('stays right with more words than it keeps, and with long ones', () => {
    const memo = createMemo((word) => `<${word}>`);
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 200_000; index++) {
        const word = `w${index.toString(36)}`;
        assert.equal(memo(word, 0, word.length), `<${word}>`);
      }
    }
    assert.equal(memo('x'.repeat(100), 10, 90), `<${'x'.repeat(80)}>`);
    assert.equal(memo('', 0, 0), '<>');
  });
});
