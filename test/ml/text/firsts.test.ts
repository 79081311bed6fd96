import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../../ml/random.ts';
import { createFirsts } from '../../../ml/text/firsts.ts';

describe('the rows of texts', () => {
  test('are those of a map of the engine, however many come', () => {
    const random = createRandom('firsts');
    const texts = Array.from({ length: 20_000 }, () => Array.from({ length: random.integer(4) }, () => random.pick(['a', 'b', 'é', '\0', '😀', '\ud83d', 'ab', ''])).join(''));
    for (const expected of [0, 1, 100, 20_000]) {
      const [firstOf, firsts] = [createFirsts(expected), new Map<string, number>()];
      for (const [row, text] of texts.entries()) {
        if (!firsts.has(text)) firsts.set(text, row);
        assert.equal(firstOf(text, row), firsts.get(text), JSON.stringify(text));
      }
    }
  });

  test('are told apart by their letters where their hashes are the same', () => {
    // Two words with one FNV-1a: known since 32 bits are few.
    const firstOf = createFirsts(10);
    assert.deepEqual(['costarring', 'liquid', 'liquid', 'costarring', 'declinate', 'macallums'].map((text, row) => firstOf(text, row)), [0, 1, 1, 0, 4, 5]);
  });
});
