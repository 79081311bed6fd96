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

/** Reviews as columns, all that a document is made of: a tenth of the time of the reviews themselves to hand to another thread. */
export interface Parcel {
  readonly ids: readonly string[];
  readonly ats: readonly (string | null)[];
  /** JSON of all that is an edit where it changes. */
  readonly contents: readonly string[];
  /** Of each of them; made on this side, since the other one has the store to fill. */
  readonly hashes: readonly string[];
  readonly thumbs: readonly (number | null)[];
  readonly authors: readonly (string | null)[];
}

function contentOf({ app, id, at, rating, text, version, reply, repliedAt, source }: Review): string {
  // In this order, whatever order the review came in: the same review is the same text.
  return JSON.stringify({ app, id, at, rating, text, version, reply, repliedAt, source });
}

export function parcelOf(reviews: readonly Review[]): Parcel {
  const contents = reviews.map(contentOf);
  const hashes = contents.map((content) => hash('sha256', content, 'base64url'));
  return { ids: reviews.map(({ id }) => id), ats: reviews.map(({ at }) => at), contents, hashes, thumbs: reviews.map(({ thumbsUp }) => thumbsUp), authors: reviews.map(({ author }) => author) };
}

/** The document of one review of a parcel. */
export function documentAt({ contents, hashes, thumbs, authors }: Parcel, index: number): Document {
  const [content = '', thumbsUp = null, author = null] = [contents[index], thumbs[index], authors[index]];
  return { json: `${content.slice(0, -1)},"thumbsUp":${thumbsUp},"author":${JSON.stringify(author)}}`, hash: hashes[index] ?? '', aside: `${thumbsUp ?? ''} ${author ?? ''}` };
}

export const documentOf = (review: Review): Document => documentAt(parcelOf([review]), 0);

/** What is kept of an id that was erased: enough to refuse it, nothing that names it. */
export function tombstoneOf(dataset: string, id: string): string {
  return hash('sha256', `${dataset}\0${id}`, 'base64url');
}
