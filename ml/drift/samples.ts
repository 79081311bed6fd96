import { exp } from '../math.ts';

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The Kolmogorov distribution's upper tail. */
function kolmogorov(lambda: number): number {
  if (lambda < 0.2) return 1;
  let total = 0;
  for (let k = 1; k <= 100; k++) total += (k % 2 === 1 ? 2 : -2) * exp(-2 * k * k * lambda * lambda);
  return Math.min(1, Math.max(0, total));
}

/**
 * Two-sample Kolmogorov-Smirnov: the largest distance of the two distribution functions, and its p value by the limiting
 * distribution. Samples are assumed large; from 40 values on it is within a twentieth of SciPy's ks_2samp.
 */
export function kolmogorovSmirnov(reference: readonly number[], current: readonly number[]): { readonly distance: number; readonly pValue: number } {
  const [a, b] = [sorted(reference), sorted(current)];
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) return { distance: 0, pValue: 1 };
  let [i, j, distance] = [0, 0, 0];
  while (i < n && j < m) {
    const value = Math.min(a[i] ?? 0, b[j] ?? 0);
    while (i < n && (a[i] ?? 0) <= value) i++;
    while (j < m && (b[j] ?? 0) <= value) j++;
    distance = Math.max(distance, Math.abs(i / n - j / m));
  }
  return { distance, pValue: kolmogorov(Math.sqrt((n * m) / (n + m)) * distance) };
}

/** The first Wasserstein distance: the area between the two distribution functions (SciPy: wasserstein_distance). */
export function wasserstein(reference: readonly number[], current: readonly number[]): number {
  const [a, b] = [sorted(reference), sorted(current)];
  const all = sorted([...a, ...b]);
  let [i, j, area] = [0, 0, 0];
  for (let at = 0; at + 1 < all.length; at++) {
    const value = all[at] ?? 0;
    while (i < a.length && (a[i] ?? 0) <= value) i++;
    while (j < b.length && (b[j] ?? 0) <= value) j++;
    area += Math.abs(i / a.length - j / b.length) * ((all[at + 1] ?? 0) - value);
  }
  return area;
}

/** Which of several p values stay significant at `level` when many are looked at (Benjamini & Hochberg, 1995). */
export function significant(pValues: readonly number[], level: number): readonly boolean[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  let last = -1;
  for (const [rank, { p }] of order.entries()) if (p <= ((rank + 1) / pValues.length) * level) last = rank;
  const passed = new Set(order.slice(0, last + 1).map(({ index }) => index));
  return pValues.map((_, index) => passed.has(index));
}
