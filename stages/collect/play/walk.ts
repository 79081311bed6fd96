import type { JudgedField } from '../../../schema/params.ts';
import { isUnmarked } from './answer.ts';
import type { Strangeness } from './answer.ts';
import type { Asked, Question, Refusal } from './ask.ts';
import { readPage } from './page.ts';
import type { StoreReview } from './row.ts';

/** Where a walk down the pages begins, and what ends it. */
export interface Way {
  readonly app: string;
  readonly language: string;
  readonly country: string;
  readonly token: string | null;
  /** Ends among known reviews not newer than this; null: only at the oldest review. */
  readonly until: string | null;
}

export interface Walking {
  readonly ask: (question: Question) => Promise<Asked>;
  /**
   * Takes a page in, before the walk goes on; the ids that were known before, or are not wanted. `odd`: rows that could not be
   * read. Nothing of it is kept where it contradicts what is known.
   */
  readonly keep: (rows: readonly StoreReview[], odd: number) => Promise<ReadonlySet<string> | Strangeness>;
  /** Called after each page that has a next one: from here a later run can go on. */
  readonly advance: (token: string, soFar: Walked) => Promise<void>;
  /** Takes a page from the budget of the run; false when it is used up. */
  readonly spend: () => boolean;
  /** Keeps the answer for the post-mortem; says where. */
  readonly archive: (body: string, page: number) => string;
  readonly log: (line: string) => void;
  /** Known reviews in a row that end a walk. */
  readonly overlap: number;
  /** `collect.play.believe`. */
  readonly believe: readonly JudgedField[];
  /** Seconds since 1970. */
  readonly now: number;
}

export interface Walked {
  readonly pages: number;
  readonly rows: number;
  /** Rows that were left out as they could not be read. */
  readonly odd: number;
  /** Time of the newest review, and of the oldest. */
  readonly newest: string | null;
  readonly oldest: string | null;
}

/** A full page that names no next one; and where on it something stands that looks like a mark, if no earlier page of the walk had one at its place. */
interface Unmarked {
  readonly moved: string | null;
}

/**
 * `cut`: an empty page where one was promised; `unmarked`: a full page that names no next one; `repeated`: only reviews that
 * this walk had already seen. One that joined what is known tells as well whether its page was an unmarked one.
 */
export type End = { readonly walked: Walked } & (
  | { readonly kind: 'end' | 'cut' | 'repeated' }
  | ({ readonly kind: 'unmarked'; readonly archived: string } & Unmarked)
  | { readonly kind: 'joined'; readonly unmarked: Unmarked | undefined }
  | { readonly kind: 'stopped'; readonly refusal: Refusal; readonly token: string | null; readonly archived?: string }
);

const EMPTY_PAGES_MAX = 3;

/** How many known reviews in a row a page ends with, `before` of them on the pages above; stops counting at `overlap`. */
function knownInRow(rows: readonly StoreReview[], known: ReadonlySet<string>, use: { before: number; until: string; overlap: number }): number {
  let count = use.before;
  for (const { review } of rows) {
    count = known.has(review.id) && review.at !== null && review.at <= use.until ? count + 1 : 0;
    if (count >= use.overlap) return count;
  }
  return count;
}

const later = (a: string | null, b: string | null): string | null => (a === null || (b !== null && b > a) ? b : a);
const earlier = (a: string | null, b: string | null): string | null => (a === null || (b !== null && b < a) ? b : a);

function further(walked: Walked, { rows, odd }: { readonly rows: readonly StoreReview[]; readonly odd: number }): Walked {
  const times = rows.map(({ review: { at } }) => at);
  return {
    pages: walked.pages + 1, rows: walked.rows + rows.length, odd: walked.odd + odd,
    newest: times.reduce(later, walked.newest), oldest: times.reduce(earlier, walked.oldest),
  };
}

/** The mark of the next page, asked for once more: lists are cut short for a moment more often than they end on a full page. Null where there is none, or the budget ended. */
export async function nextAfter(question: Question, walking: Pick<Walking, 'ask' | 'spend'>): Promise<string | null> {
  const again = walking.spend() ? await walking.ask(question) : undefined;
  return again?.kind === 'page' ? again.answer.next : null;
}

/** Walks down the pages of one app in one language, newest first, each page taken in before the next one is asked for. */
export async function walk(way: Way, walking: Walking): Promise<End> {
  const { app, language, country } = way;
  const tokens = new Set<string>();
  const ids = new Set<string>();
  let walked: Walked = { pages: 0, rows: 0, odd: 0, newest: null, oldest: null };
  let { token } = way;
  let [inRow, empty] = [0, 0];
  for (;;) {
    if (!walking.spend()) return { kind: 'stopped', refusal: { kind: 'no-time' }, token, walked };
    const question: Question = { app, language, country, token };
    const asked = await walking.ask(question);
    if (asked.kind === 'strange') return { kind: 'stopped', refusal: asked, token, walked, archived: walking.archive(asked.body, walked.pages + 1) };
    if (asked.kind !== 'page') return { kind: 'stopped', refusal: asked, token, walked };
    // Where earlier pages of this walk had the mark at its place, the layout is as it was.
    const unmarked = isUnmarked(asked.answer) ? { moved: tokens.size === 0 ? asked.answer.elsewhere : null } : undefined;
    const strange = (why: Strangeness): End => ({ kind: 'stopped', refusal: { kind: 'strange', why, body: '' }, token, walked, archived: walking.archive(asked.body, walked.pages + 1) });
    const read = readPage(asked.answer.rows, { app, now: walking.now, believe: walking.believe });
    if ('kind' in read) return strange(read);
    const { rows, odd } = read;
    if (odd > 0) walking.archive(asked.body, walked.pages + 1);
    const known = await walking.keep(rows, odd);
    if ('kind' in known) return strange(known);
    const isNews = rows.some(({ review }) => !ids.has(review.id));
    for (const { review } of rows) ids.add(review.id);
    walked = further(walked, read);
    walking.log(`${app} (${language}): page ${walked.pages}, ${walked.rows} reviews, down to ${rows.at(-1)?.review.at ?? 'none'}`);
    if (way.until !== null) {
      inRow = knownInRow(rows, known, { before: inRow, until: way.until, overlap: walking.overlap });
      if (inRow >= walking.overlap) return { kind: 'joined', walked, unmarked };
    }
    const next = asked.answer.next ?? (unmarked === undefined ? null : await nextAfter(question, walking));
    if (next === null && unmarked !== undefined) return { kind: 'unmarked', walked, ...unmarked, archived: walking.archive(asked.body, walked.pages) };
    if (next === null) return { kind: rows.length === 0 && token !== null ? 'cut' : 'end', walked };
    if (tokens.has(next)) return strange({ kind: 'repeated-token', page: walked.pages });
    empty = rows.length === 0 ? empty + 1 : 0;
    if (empty >= EMPTY_PAGES_MAX) return strange({ kind: 'empty-pages', page: walked.pages });
    if (rows.length > 0 && !isNews) return { kind: 'repeated', walked };
    tokens.add(next);
    token = next;
    await walking.advance(token, walked);
  }
}
