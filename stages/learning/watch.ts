import { chiSquare, populationStabilityIndex } from '../../ml/drift/distributions.ts';
import { chiSquareSurvival } from '../../ml/drift/gamma.ts';
import { kolmogorovSmirnov, significant, wasserstein } from '../../ml/drift/samples.ts';
import { deviation, mean } from '../../ml/math.ts';
import type { DriftFeature, DriftReference } from '../../schema/drift.ts';
import type { DriftParams } from '../../schema/params.ts';

type Counts = Readonly<Record<string, number>>;

/** The new rows, measured as the champion's reference was. */
export interface Current {
  readonly rows: number;
  readonly ratings: Counts;
  readonly labels: Counts;
  readonly languages: Counts;
  /** Tokens of each review. */
  readonly lengths: readonly number[];
  readonly unknownShare: number;
  /** Of the champion on new rows whose text it never saw; null where there are none. */
  readonly performance: { readonly rows: number; readonly macroF1: number; readonly interval: readonly [number, number] } | null;
}

type Measured = Omit<DriftFeature, 'drifted'>;

/** Width of a 95% interval of a normal variable, in standard errors. */
const INTERVAL_WIDTH = 2 * 1.959963984540054;

/** The chance that a standard normal variable exceeds z. */
function normalTail(z: number): number {
  const outside = chiSquareSurvival(z * z, 1) / 2;
  return z >= 0 ? outside : 1 - outside;
}

/** The chance of a difference at least this large by its standard error. Without an error, any difference is certain. */
function tailOf(difference: number, error: number): number {
  if (error > 0) return normalTail(difference / error);
  return difference > 0 ? 0 : 1;
}

function shares(counts: Counts): Record<string, number> {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, total === 0 ? 0 : count / total]));
}

function summary(sorted: readonly number[]): Record<string, number> {
  if (sorted.length === 0) return {};
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { mean: mean(sorted), median: at(0.5), p90: at(0.9) };
}

function mixes({ ratings, labels, languages }: DriftReference, current: Current, limits: DriftParams): readonly Measured[] {
  const sides = (reference: Counts, now: Counts) => ({ pValue: chiSquare(reference, now).pValue, reference: shares(reference), current: shares(now) });
  return [
    { feature: 'rating', effectName: 'psi', effect: populationStabilityIndex(ratings, current.ratings), limit: limits.psiMax, ...sides(ratings, current.ratings) },
    { feature: 'label', effectName: 'cramers-v', effect: chiSquare(labels, current.labels).cramersV, limit: limits.cramersVMax, ...sides(labels, current.labels) },
    { feature: 'language', effectName: 'cramers-v', effect: chiSquare(languages, current.languages).cramersV, limit: limits.cramersVMax, ...sides(languages, current.languages) },
  ];
}

/** Distance in standard deviations of the reference, so that one limit fits long and short texts. */
function length({ lengths }: DriftReference, current: Current, limits: DriftParams): Measured {
  const distance = lengths.length === 0 || current.lengths.length === 0 ? 0 : wasserstein(lengths, current.lengths);
  const spread = deviation(lengths);
  return {
    feature: 'length', effectName: 'wasserstein', effect: distance / (spread > 0 ? spread : 1), limit: limits.wassersteinMax,
    pValue: kolmogorovSmirnov(lengths, current.lengths).pValue,
    reference: summary(lengths), current: summary(current.lengths.toSorted((a, b) => a - b)),
  };
}

/** Words come in reviews and are not independent: each review counts as one draw, which asks for more evidence, not less. */
function vocabulary(reference: DriftReference, current: Current, limits: DriftParams): Measured {
  const rise = current.unknownShare - reference.unknownShare;
  const usual = Math.max(reference.unknownShare, 1 / Math.max(1, current.rows));
  return {
    feature: 'unknown-words', effectName: 'share', effect: rise, limit: limits.unknownShareMax,
    pValue: tailOf(rise, Math.sqrt((usual * (1 - usual)) / Math.max(1, current.rows))),
    reference: { share: reference.unknownShare }, current: { share: current.unknownShare },
  };
}

function performance(reference: DriftReference, current: Current, limits: DriftParams): readonly Measured[] {
  if (current.performance === null) return [];
  const { rows, macroF1, interval } = current.performance;
  const variances = [reference.interval, interval].map(([low, high]) => ((high - low) / INTERVAL_WIDTH) ** 2);
  const drop = reference.macroF1 - macroF1;
  return [{
    feature: 'performance', effectName: 'macro-f1', effect: drop, limit: limits.macroF1DropMax, pValue: tailOf(drop, Math.sqrt(variances.reduce((sum, variance) => sum + variance, 0))),
    reference: { macroF1: reference.macroF1, low: reference.interval[0], high: reference.interval[1] },
    current: { macroF1, low: interval[0], high: interval[1], rows },
  }];
}

/**
 * Every watched feature with its verdict. A feature has drifted only if the effect is over its limit, and its p value stays
 * significant among all of them (Benjamini & Hochberg), and there are enough rows: in large samples everything is
 * significant, in small ones every effect is large.
 */
export function watch(reference: DriftReference, current: Current, params: DriftParams): readonly DriftFeature[] {
  const measured = [...mixes(reference, current, params), length(reference, current, params), vocabulary(reference, current, params), ...performance(reference, current, params)];
  const beyondChance = significant(measured.map(({ pValue }) => pValue ?? 1), params.significance);
  return measured.map((feature, index) => ({ ...feature, drifted: current.rows >= params.rowsMin && feature.effect > feature.limit && beyondChance[index] === true }));
}
