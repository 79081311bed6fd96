import { hash32 } from './hash.ts';

/** A seeded generator: the only source of randomness in the project. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** A whole number, uniform in [0, n). */
  integer(n: number): number;
  /** Shuffles in place (Fisher-Yates) and gives the same array back. */
  shuffle<T extends { length: number; [index: number]: unknown }>(values: T): T;
  pick<T>(values: readonly T[]): T;
}

/** sfc32 (Chris Doty-Humphrey, PractRand), its state filled from the seed by a hash. */
export function createRandom(seed: number | string): Random {
  const text = String(seed);
  let a = hash32(text, 1);
  let b = hash32(text, 2);
  let c = hash32(text, 3);
  let counter = 1;
  const next32 = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let warm = 0; warm < 15; warm++) next32();
  const next = (): number => ((next32() >>> 5) * 67108864 + (next32() >>> 6)) / 9007199254740992;
  const integer = (n: number): number => Math.floor(next() * n);
  return {
    next,
    integer,
    shuffle(values) {
      for (let index = values.length - 1; index > 0; index--) {
        const other = integer(index + 1);
        [values[index], values[other]] = [values[other], values[index]];
      }
      return values;
    },
    pick(values) {
      if (values.length === 0) throw new RangeError('Cannot pick from no values as there must be at least one');
      return values[integer(values.length)] as (typeof values)[number];
    },
  };
}
