import { createRandom } from '../random.ts';
import { macroF1 } from './scores.ts';

/**
 * The 95% percentile bootstrap interval of macro-F1 (Efron & Tibshirani, An Introduction to the Bootstrap, chapter 13):
 * rows drawn with replacement, seeded.
 */
export function macroF1Interval(target: ArrayLike<number>, predicted: ArrayLike<number>, use: { classes: number; seed: number; rounds?: number }): [number, number] {
  const { classes, seed, rounds = 400 } = use;
  const random = createRandom(`interval ${seed}`);
  const size = target.length;
  if (size === 0) return [0, 0];
  const scores: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const rows = Int32Array.from({ length: size }, () => random.integer(size));
    scores.push(macroF1(rows.map((row) => target[row] ?? 0), rows.map((row) => predicted[row] ?? 0), classes));
  }
  scores.sort((a, b) => a - b);
  const at = (share: number): number => scores[Math.min(rounds - 1, Math.floor(share * rounds))] ?? 0;
  return [at(0.025), at(0.975)];
}
