import type { Review } from '../schema/review.ts';

/** Full passes, this one among them, that have to show nothing else before a review counts as saying again what it said before. */
const PASSES = 2;

/** A review as one of the lists of a source shows it, by the number of the pass. */
export interface Shown {
  readonly at: Review['at'];
  readonly hash: string;
  readonly sweep: number;
}

/**
 * Whether a list shows what a review said before, and lags behind: each list of a store is brought up to date by itself, and what
 * two of them say in turn is no edit. Whoever writes a review anew gives it a new time. Where only something else changes back, as
 * a reply that is taken away again, it is believed when a whole pass has shown nothing newer. `now` is what the review says as
 * far as is known, and the last pass in which it was seen to; `earlier` are the hashes of what it said before.
 */
export function lagsBehind({ at, hash, sweep }: Shown, now: { readonly at: Review['at']; readonly shown: number }, earlier: ReadonlySet<string>): boolean {
  if (!earlier.has(hash)) return false;
  return at === now.at ? sweep - now.shown < PASSES : (at ?? '') < (now.at ?? '');
}
