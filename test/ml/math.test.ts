import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { argmax, deviation, exp, log, mean, softmax } from '../../ml/math.ts';

const view = new DataView(new ArrayBuffer(8));

/** Distance of two doubles in units of the last place. */
function ulps(a: number, b: number): number {
  const bits = (value: number): bigint => {
    view.setFloat64(0, value);
    const raw = view.getBigInt64(0);
    return raw < 0n ? -0x8000000000000000n - raw : raw;
  };
  const distance = bits(a) - bits(b);
  return Number(distance < 0n ? -distance : distance);
}

describe('exp and log of basic operations', () => {
  test('exp is within one unit in the last place of the engine\'s', () => {
    let worst = 0;
    for (let x = -708; x <= 709; x += 0.0131) worst = Math.max(worst, ulps(exp(x), Math.exp(x)));
    for (let x = -1; x <= 1; x += 1e-4) worst = Math.max(worst, ulps(exp(x), Math.exp(x)));
    assert.ok(worst <= 1, `${worst} ulp`);
  });

  test('log is within one unit in the last place of the engine\'s', () => {
    let worst = 0;
    for (let power = -300; power <= 300; power++) for (const m of [1, 1.1, 1.4142, 1.5, 1.999, 3.7, 9.3]) worst = Math.max(worst, ulps(log(m * 10 ** power), Math.log(m * 10 ** power)));
    for (let x = 0.5; x <= 2; x += 1e-4) worst = Math.max(worst, ulps(log(x), Math.log(x)));
    assert.ok(worst <= 1, `${worst} ulp`);
  });

  test('the edges: zero, infinities, no number, overflow, subnormal numbers', () => {
    assert.deepEqual([exp(0), exp(-0), exp(-Infinity), exp(Infinity), exp(710), exp(-746), exp(Number.NaN)], [1, 1, 0, Infinity, Infinity, 0, Number.NaN]);
    assert.deepEqual([log(1), log(0), log(-1), log(Infinity), log(Number.NaN)], [0, -Infinity, Number.NaN, Infinity, Number.NaN]);
    assert.ok(ulps(exp(-740), Math.exp(-740)) <= 1);
    assert.ok(ulps(log(5e-324), Math.log(5e-324)) <= 1);
    assert.ok(ulps(exp(709.7), Math.exp(709.7)) <= 1);
  });

  test('pinned bits: another engine, or a changed constant, would show here', () => {
    assert.deepEqual([exp(1), exp(-3.25), log(2), log(0.1)], [2.7182818284590455, 0.03877420783172201, 0.6931471805599453, -2.3025850929940455]);
  });
});

describe('small sums', () => {
  test('softmax does not overflow, and sums to one', () => {
    const shares = softmax(Float64Array.of(1000, 1001, -1000));
    assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-15);
    assert.ok(Math.abs((shares[1] ?? 0) - 1 / (1 + Math.exp(-1))) < 1e-15);
  });

  test('argmax takes the first of equals; mean and deviation are those of NumPy (ddof=1)', () => {
    assert.equal(argmax([0.3, 0.4, 0.4]), 1);
    assert.equal(mean([1, 2, 4]), 7 / 3);
    assert.ok(Math.abs(deviation([1, 2, 4]) - 1.5275252316519465) < 1e-15);
    assert.equal(deviation([5]), 0);
  });
});
