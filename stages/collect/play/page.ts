import type { Review } from '../../../schema/review.ts';
import type { JudgedField } from '../../../schema/params.ts';
import type { Strangeness } from './answer.ts';
import { isSecond, PLACES, readRow } from './row.ts';
import type { Limits, StoreReview } from './row.ts';

/**
 * Judges a page as a whole. A review may lack its text, version or reply, so that a single row with nothing at their places
 * says nothing: where a layout changed it is so on all of the page, and on all reviews that are known to have had them.
 */

/** Rows that may be odd, as a share of a page, before the layout counts as changed. */
const ODD_SHARE_MAX = 0.1;
/** Stars without a word are listed now and then. So many in a row, and not one word between them, are a text that is elsewhere. */
const WORDLESS_MIN = 20;
/** Rows with something like the field at one other place, where no row of the page has it at its own: more than a few odd ones. */
const MOVED_MIN = 3;
/** Texts that are nothing but a number of a version: people do write "5.0", but no ten of them, and not most of a page. */
const VERSIONS_MIN = 10;
/**
 * Known reviews with a field on the page, from which on it is told whether they lost it. Fewer may be the doing of a developer who
 * takes replies back, or of other masks.
 */
const LOST_MIN = 10;
/** Of those the share that may have lost it: whoever edits a review gives it a new time, and it does not count here at all. A moved field takes all. */
const LOST_SHARE_MAX = 0.5;

const isVersion = (value: unknown): boolean => typeof value === 'string' && /^v?\d+(\.\d+)+$/i.test(value.trim());

function isReply(value: unknown, now: number): boolean {
  const [, text, replied] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  return typeof text === 'string' && text !== '' && Array.isArray(replied) && isSecond(replied[0], now);
}

/** At which other place of the rows something like a field stands, if it does in some of them. */
function placeOf(raw: readonly unknown[], own: number, isLike: (cell: unknown) => boolean): number | undefined {
  const counts = new Map<number, number>();
  for (const row of raw) {
    if (!Array.isArray(row)) continue;
    // A text may be anything, also the number of a version.
    for (const [index, cell] of row.entries()) if (index !== own && index !== PLACES.text && isLike(cell)) counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return [...counts].find(([, count]) => count >= MOVED_MIN)?.[0];
}

/** What the rows of a page show to be elsewhere, without knowing any of its reviews. An app without replies, or versions, has none elsewhere either. */
function movedOn(raw: readonly unknown[], rows: readonly StoreReview[], { now, believe }: Judged): Strangeness | undefined {
  const isJudged = (field: JudgedField): boolean => !believe.includes(field);
  const reviews = rows.map(({ review }) => review);
  const texts = reviews.filter(({ text }) => text !== '');
  if (isJudged('text') && texts.length === 0 && reviews.length >= WORDLESS_MIN) return { kind: 'no-texts', of: reviews.length };
  const versions = texts.filter(({ text }) => isVersion(text)).length;
  if (isJudged('text') && versions >= VERSIONS_MIN && versions > texts.length / 2) return { kind: 'versions-as-texts', bad: versions, of: texts.length };
  const version = isJudged('version') && reviews.every((review) => review.version === null) ? placeOf(raw, PLACES.version, isVersion) : undefined;
  if (version !== undefined) return { kind: 'moved-field', field: 'version', index: version };
  const reply = isJudged('reply') && reviews.every((review) => review.reply === null) ? placeOf(raw, PLACES.reply, (cell) => isReply(cell, now)) : undefined;
  return reply === undefined ? undefined : { kind: 'moved-field', field: 'reply', index: reply };
}

export interface Judged extends Limits {
  /** Fields that are taken as they come: `collect.play.believe`. */
  readonly believe: readonly JudgedField[];
}

export type Rows = { readonly rows: readonly StoreReview[]; readonly odd: number } | Strangeness;

/** The reviews of a page, or in which way it is not what pages used to be. */
export function readPage(raw: readonly unknown[], limits: Judged): Rows {
  const reads = raw.map((row) => readRow(row, limits));
  const rows = reads.flatMap((read) => (read.ok ? [read.row] : []));
  const odd = raw.length - rows.length;
  const first = reads.find((read) => !read.ok);
  if (first !== undefined && !first.ok && odd > raw.length * ODD_SHARE_MAX) return { kind: 'rows', bad: odd, of: raw.length, field: first.field, seen: first.seen };
  return movedOn(raw, rows, limits) ?? { rows, odd };
}

interface Field {
  readonly name: JudgedField;
  readonly had: (before: Review) => boolean;
  readonly lost: (before: Review, after: Review) => boolean;
}

/**
 * What a review does not lose without an edit. A reply that is another one is none of that: the developer may write it anew, and
 * what is masked in it (mostly the address of the help desk) depends on the params.
 */
const FIELDS: readonly Field[] = [
  { name: 'rating', had: ({ rating }) => rating !== null, lost: (before, after) => after.rating !== before.rating },
  { name: 'text', had: ({ text }) => text !== '', lost: (before, after) => after.text !== before.text },
  { name: 'version', had: ({ version }) => version !== null, lost: (before, after) => after.version !== before.version },
  { name: 'reply', had: ({ reply }) => reply !== null, lost: (_, after) => after.reply === null },
  { name: 'repliedAt', had: ({ repliedAt }) => repliedAt !== null, lost: (_, after) => after.reply !== null && after.repliedAt === null },
  { name: 'thumbsUp', had: ({ thumbsUp }) => (thumbsUp ?? 0) > 0, lost: (_, after) => after.thumbsUp === 0 },
];

/** Which field most of the known reviews of a page have lost, though their time is as it was; those of `believe` may. */
export function lostOn(page: readonly Review[], held: ReadonlyMap<string, Review>, believe: readonly JudgedField[]): Strangeness | undefined {
  const same = page.flatMap((after) => {
    const before = held.get(after.id);
    return before !== undefined && before.at === after.at ? [{ before, after }] : [];
  });
  for (const { name, had, lost } of FIELDS) {
    if (believe.includes(name)) continue;
    const having = same.filter(({ before }) => had(before));
    const losing = having.filter(({ before, after }) => lost(before, after)).length;
    if (having.length >= LOST_MIN && losing > having.length * LOST_SHARE_MAX) return { kind: 'lost', field: name, lost: losing, had: having.length };
  }
  return undefined;
}
