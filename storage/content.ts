import { hash } from 'node:crypto';
import type { Review } from '../schema/review.ts';

/** A review as both raw stores keep it. */
export interface Document {
  /** JSON text, in which neither NUL nor a lone surrogate stands: databases take neither, or give something else back. */
  readonly json: string;
  /** Of all that a person wrote or gave: where it differs, the review was edited. */
  readonly hash: string;
  /** What may change without an edit: the thumbs of others, daily, and the hash of the author's name, with its key. */
  readonly aside: string;
}

export function documentOf(review: Review): Document {
  const { app, id, at, rating, text, thumbsUp, version, reply, repliedAt, source, author } = review;
  // In this order, whatever order the review came in: the same review is the same text.
  const content = JSON.stringify({ app, id, at, rating, text, version, reply, repliedAt, source });
  return { json: `${content.slice(0, -1)},"thumbsUp":${thumbsUp},"author":${JSON.stringify(author)}}`, hash: hash('sha256', content, 'base64url'), aside: `${thumbsUp ?? ''} ${author ?? ''}` };
}

/** What is kept of an id that was erased: enough to refuse it, nothing that names it. */
export function tombstoneOf(dataset: string, id: string): string {
  return hash('sha256', `${dataset}\0${id}`, 'base64url');
}
