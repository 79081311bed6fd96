import { exp, log } from '../math.ts';

/** ln Gamma by Lanczos' approximation (g = 7, n = 9), good to about 15 digits. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012,
  9.9843695780195716e-6, 1.5056327351493116e-7,
];

export function logGamma(x: number): number {
  const z = x - 1;
  const t = z + 7.5;
  const series = LANCZOS.reduce((total, c, index) => total + (index === 0 ? c : c / (z + index)), 0);
  return 0.5 * log(2 * Math.PI) + (z + 0.5) * log(t) - t + log(series);
}

/** The regularised upper incomplete gamma function Q(a, x): series below a + 1, continued fraction above (Numerical Recipes, 6.2). */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = exp(a * log(x) - x - logGamma(a));
  if (x < a + 1) {
    let [term, total] = [1 / a, 1 / a];
    for (let n = 1; n < 1000 && Math.abs(term) > Math.abs(total) * 1e-16; n++) {
      term *= x / (a + n);
      total += term;
    }
    return Math.max(0, 1 - front * total);
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 1000; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / (an * d + b || 1e-300);
    c = b + an / c || 1e-300;
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return front * fraction;
}

/** The chance that a chi-square variable exceeds `statistic`. */
export function chiSquareSurvival(statistic: number, degrees: number): number {
  return degrees <= 0 ? 1 : upperGamma(degrees / 2, statistic / 2);
}
