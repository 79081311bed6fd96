import type { Review } from '../../../schema/review.ts';
import { shapeOf } from './answer.ts';

/** A review as the store has it, before the door: with the name of its user, which goes no further. */
export interface StoreReview {
  readonly review: Omit<Review, 'author'>;
  readonly userName: string | null;
}

export type RowRead = { readonly ok: true; readonly row: StoreReview } | { readonly ok: false; readonly field: string; readonly seen: string };

/** The store opened in 2008 as Android Market: an earlier date is no date of a review. */
const FIRST_SECOND = Date.UTC(2008, 0, 1) / 1000;
/** Clocks differ, and the newest reviews are dated by the store's. */
const AHEAD_SECONDS = 2 * 86_400;

const at = (value: unknown, ...steps: readonly number[]): unknown => steps.reduce((inner: unknown, step) => (Array.isArray(inner) ? (inner as readonly unknown[])[step] : undefined), value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;
const instant = (second: number): string => new Date(second * 1000).toISOString().replace('.000Z', 'Z');
/** NUL and lone surrogates cannot be stored everywhere; nothing else is changed at the door. */
const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed();

export interface Limits {
  readonly app: string;
  /** Seconds since 1970. */
  readonly now: number;
}

/** Where in a row the fields stand that a review may lack. */
export const PLACES = { text: 4, reply: 7, version: 10 } as const;

/** Whether something may be the time of a review or reply. */
export const isSecond = (value: unknown, now: number): value is number => typeof value === 'number' && Number.isInteger(value) && value >= FIRST_SECOND && value <= now + AHEAD_SECONDS;

/**
 * One row of an answer, every field checked where it is used. Whole seconds only: the library makes milliseconds of the
 * first three characters of unpadded nanoseconds, which moves dates by decades.
 */
export function readRow(raw: unknown, { app, now }: Limits): RowRead {
  const bad = (field: string, seen: unknown): RowRead => ({ ok: false, field, seen: shapeOf(seen ?? null) });
  const isDate = (value: unknown): value is number => isSecond(value, now);
  const [id, userName, rating, text, seconds] = [at(raw, 0), at(raw, 1, 0), at(raw, 2), at(raw, PLACES.text), at(raw, 5, 0)];
  // An id is one word, whatever its alphabet; what has a space in it is a text or a name that stands in its place.
  if (!isText(id) || id === '' || id.length > 200 || /\s/u.test(id)) return bad('id', id);
  if (typeof rating !== 'number' || !Number.isInteger(rating) || rating < 1 || rating > 5) return bad('rating', rating);
  if (!isText(text) && !isAbsent(text)) return bad('text', text);
  if (!isDate(seconds)) return bad('date', seconds);
  if (!isText(userName) && !isAbsent(userName)) return bad('user name', userName);
  const [thumbsUp, version, reply, replied] = [at(raw, 6), at(raw, PLACES.version), at(raw, PLACES.reply, 1), at(raw, PLACES.reply, 2, 0)];
  if (!isAbsent(thumbsUp) && !(typeof thumbsUp === 'number' && Number.isInteger(thumbsUp) && thumbsUp >= 0)) return bad('thumbs up', thumbsUp);
  if (!isText(version) && !isAbsent(version)) return bad('version', version);
  if (!isText(reply) && !isAbsent(reply)) return bad('reply', reply);
  if (!isDate(replied) && !isAbsent(replied)) return bad('date of the reply', replied);
  const answered = isText(reply) && reply !== '';
  return {
    ok: true,
    row: {
      userName: userName ?? null,
      review: {
        app, id: storable(id), at: instant(seconds), rating, text: storable(text ?? ''), thumbsUp: thumbsUp ?? 0, version: isText(version) && version !== '' ? storable(version) : null,
        reply: answered ? storable(reply) : null, repliedAt: answered && !isAbsent(replied) ? instant(replied) : null, source: 'play',
      },
    },
  };
}
