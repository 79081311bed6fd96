import { hash } from 'node:crypto';
import type { Review } from '../schema/review.ts';

/** A review as both raw stores keep it. */
export interface Document {
  /** JSON text, in which neither NUL nor a lone surrogate stands: databases take neither, or give something else back. */
  readonly json: string;
  /** Of all that a person wrote or gave. Thumbs of others change daily and are no edit, so they are left out. */
  readonly hash: string;
  readonly thumbs: number;
}

export function documentOf(review: Review): Document {
  const { thumbsUp } = review;
  const json = JSON.stringify(review);
  // Within a value a quote is escaped, so that this is found as the key alone.
  return { json, hash: hash('sha256', json.replace(`"thumbsUp":${thumbsUp},`, ''), 'base64url'), thumbs: thumbsUp ?? -1 };
}

/** What is kept of an id that was erased: enough to refuse it, nothing that names it. */
export function tombstoneOf(dataset: string, id: string): string {
  return hash('sha256', `${dataset}\0${id}`, 'base64url');
}
