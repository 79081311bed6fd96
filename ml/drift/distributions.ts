import { log } from '../math.ts';
import { chiSquareSurvival } from './gamma.ts';

type Counts = Readonly<Record<string, number>>;

/** Added to empty bins, as a share, so that a bin that was never seen does not make the index infinite. */
const EPSILON = 1e-4;

function keysOf(a: Counts, b: Counts): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/**
 * Population stability index: the sum over bins of (current - reference) * ln(current / reference), on shares (Siddiqi,
 * Credit Risk Scorecards, 2006). Under 0.1 little, over 0.25 much.
 */
export function populationStabilityIndex(reference: Counts, current: Counts): number {
  const [n, m] = [sum(reference), sum(current)];
  if (n === 0 || m === 0) return 0;
  return keysOf(reference, current).reduce((index, key) => {
    const expected = Math.max((reference[key] ?? 0) / n, EPSILON);
    const actual = Math.max((current[key] ?? 0) / m, EPSILON);
    return index + (actual - expected) * log(actual / expected);
  }, 0);
}

export interface ChiSquare {
  readonly statistic: number;
  readonly degrees: number;
  readonly pValue: number;
  /** Effect size in [0, 1]: the statistic against its largest possible value. */
  readonly cramersV: number;
}

/** Pearson's chi-square test that two samples of counts have the same distribution (SciPy: chi2_contingency, no correction). */
export function chiSquare(reference: Counts, current: Counts): ChiSquare {
  const keys = keysOf(reference, current).filter((key) => (reference[key] ?? 0) + (current[key] ?? 0) > 0);
  const [n, m] = [sum(reference), sum(current)];
  if (keys.length < 2 || n === 0 || m === 0) return { statistic: 0, degrees: 0, pValue: 1, cramersV: 0 };
  let statistic = 0;
  for (const key of keys) {
    const both = (reference[key] ?? 0) + (current[key] ?? 0);
    for (const [count, total] of [[reference[key] ?? 0, n], [current[key] ?? 0, m]] as const) {
      const expected = (both * total) / (n + m);
      statistic += (count - expected) ** 2 / expected;
    }
  }
  const degrees = keys.length - 1;
  return { statistic, degrees, pValue: chiSquareSurvival(statistic, degrees), cramersV: Math.sqrt(statistic / (n + m)) };
}
