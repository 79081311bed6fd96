import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hash32, hashShare } from '../../ml/hash.ts';
import { createRandom } from '../../ml/random.ts';

describe('the seeded generator', () => {
  test('gives the same numbers for the same seed, number or text, and others for another', () => {
    const draw = (seed: number | string): number[] => Array.from({ length: 5 }, createRandom(seed).next);
    assert.deepEqual(draw(42), draw(42));
    assert.deepEqual(draw(42), draw('42'));
    assert.notDeepEqual(draw(42), draw(43));
  });

  test('is uniform: mean, variance and each tenth of [0, 1)', () => {
    const { next } = createRandom('uniform');
    const values = Array.from({ length: 100_000 }, next);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    assert.ok(Math.abs(mean - 0.5) < 0.004, `${mean}`);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const value of values) tenths[Math.floor(value * 10)] = (tenths[Math.floor(value * 10)] ?? 0) + 1;
    const chi = tenths.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    assert.ok(chi < 27.9, `chi-square ${chi} of 9 degrees exceeds the 0.1 % point`);
    assert.ok(values.every((value) => value >= 0 && value < 1));
  });

  test('shuffles every order of three about equally often, and loses nothing', () => {
    const random = createRandom('shuffle');
    const seen = new Map<string, number>();
    for (let round = 0; round < 6000; round++) {
      const order = random.shuffle(['a', 'b', 'c']).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    assert.deepEqual([...seen.keys()].sort(), ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
    for (const [order, count] of seen) assert.ok(Math.abs(count - 1000) < 120, `${order}: ${count}`);
  });

  test('picks whole numbers in [0, n), and refuses to pick from nothing', () => {
    const random = createRandom(1);
    assert.deepEqual([...new Set(Array.from({ length: 200 }, () => random.integer(3)))].sort(), [0, 1, 2]);
    assert.throws(() => random.pick([]), RangeError);
  });
});

describe('the keyed hash', () => {
  test('pinned values: the sides of the split rest on them', () => {
    assert.deepEqual([hash32('', 0), hash32('bagus', 42), hash32('bagus', 43), hash32('👍', 42)], [0, 3715272116, 2524927884, 3107410138]);
  });

  test('is uniform in [0, 1) over similar texts, under any seed', () => {
    for (const seed of [0, 1, 42]) {
      const shares = Array.from({ length: 20_000 }, (_, index) => hashShare(`ulasan ${index}`, seed));
      const below = shares.filter((share) => share < 0.2).length;
      assert.ok(Math.abs(below - 4000) < 200, `seed ${seed}: ${below}`);
      assert.ok(shares.every((share) => share >= 0 && share < 1));
      assert.equal(new Set(shares).size, shares.length);
    }
  });

  test('two seeds have nothing to do with each other', () => {
    let both = 0;
    for (let index = 0; index < 20_000; index++) if (hashShare(`text ${index}`, 1) < 0.5 && hashShare(`text ${index}`, 2) < 0.5) both++;
    assert.ok(Math.abs(both - 5000) < 250, `${both}`);
  });
});
