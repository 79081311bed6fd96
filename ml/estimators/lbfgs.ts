/** A smooth function to be made small: writes the gradient at `point` into `gradient` and gives the value. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  readonly value: number;
  readonly iterations: number;
  readonly converged: boolean;
}

const HISTORY = 6;
const ARMIJO = 1e-4;
const CURVATURE = 0.9;

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}

function addScaled(target: Float64Array, source: Float64Array, scale: number): void {
  for (let index = 0; index < target.length; index++) target[index] = (target[index] ?? 0) + scale * (source[index] ?? 0);
}

function largest(values: Float64Array): number {
  let max = 0;
  for (const value of values) if (Math.abs(value) > max) max = Math.abs(value);
  return max;
}

interface Step {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

/** The two-loop recursion: the gradient times an estimate of the inverse Hessian, made of the last steps. */
function direction(gradient: Float64Array, steps: readonly Step[]): Float64Array {
  const d = Float64Array.from(gradient, (value) => -value);
  const alphas: number[] = [];
  for (const { s, y, rho } of steps.toReversed()) {
    const alpha = rho * dot(s, d);
    alphas.push(alpha);
    addScaled(d, y, -alpha);
  }
  const newest = steps.at(-1);
  if (newest !== undefined) {
    const scale = 1 / (newest.rho * dot(newest.y, newest.y));
    for (let index = 0; index < d.length; index++) d[index] = (d[index] ?? 0) * scale;
  }
  for (const [index, { s, y, rho }] of steps.entries()) addScaled(d, s, (alphas[steps.length - 1 - index] ?? 0) - rho * dot(y, d));
  return d;
}

interface Trial {
  readonly value: number;
  readonly point: Float64Array;
  readonly gradient: Float64Array;
}

/** A step length that holds the weak Wolfe conditions, by bisection (Lewis & Overton, 2013); null where none is found. */
function lineSearch(objective: Objective, from: Trial, use: { d: Float64Array; first: number }): Trial | null {
  const slope = dot(from.gradient, use.d);
  let [low, high, length] = [0, Infinity, use.first];
  for (let attempt = 0; attempt < 40; attempt++) {
    const point = Float64Array.from(from.point);
    addScaled(point, use.d, length);
    const gradient = new Float64Array(point.length);
    const value = objective(point, gradient);
    if (!(value <= from.value + ARMIJO * length * slope)) high = length;
    else if (dot(gradient, use.d) < CURVATURE * slope) low = length;
    else return { value, point, gradient };
    length = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return null;
}

/**
 * Limited-memory BFGS (Nocedal & Wright, Numerical Optimization, chapter 7): makes `point` a minimum of the objective, in
 * place. Converged when no part of the gradient is larger than `tolerance`.
 */
export function minimize(objective: Objective, point: Float64Array, limits: { readonly tolerance: number; readonly iterationsMax: number }): Minimum {
  const gradient = new Float64Array(point.length);
  let now: Trial = { value: objective(point, gradient), point: Float64Array.from(point), gradient };
  const steps: Step[] = [];
  let iterations = 0;
  while (largest(now.gradient) > limits.tolerance && iterations < limits.iterationsMax) {
    iterations++;
    const d = direction(now.gradient, steps);
    const first = steps.length === 0 ? Math.min(1, 1 / Math.max(largest(now.gradient), 1e-12)) : 1;
    const next = lineSearch(objective, now, { d, first });
    if (next === null) break;
    const s = next.point.map((value, index) => value - (now.point[index] ?? 0));
    const y = next.gradient.map((value, index) => value - (now.gradient[index] ?? 0));
    const curvature = dot(s, y);
    if (curvature > 1e-14 * dot(y, y)) steps.push({ s, y, rho: 1 / curvature });
    if (steps.length > HISTORY) steps.shift();
    now = next;
  }
  point.set(now.point);
  return { value: now.value, iterations, converged: largest(now.gradient) <= limits.tolerance };
}
