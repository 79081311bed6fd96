import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { DatabaseSync } from 'node:sqlite';
import type { ServedReview } from '../schema/served-review.ts';

/** The reviews of a release, in one file that never changes: readers need neither the raw store nor the SQL store. */
export const SERVED_FILE = 'reviews.sqlite';

const COLUMNS = ['app', 'id', 'at', 'rating', 'label', 'negative', 'neutral', 'positive', 'model', 'starsLabel', 'language', 'version', 'text'] as const satisfies readonly (keyof ServedReview)[];

/** Writes the file anew, newest last. */
export function writeServedReviews(file: string, reviews: Iterable<ServedReview>): number {
  mkdirSync(path.dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const database = new DatabaseSync(file);
  let count = 0;
  try {
    database.exec('pragma journal_mode = off; pragma synchronous = off; begin');
    database.exec(`create table review (${COLUMNS.join(', ')}, folded text not null, primary key (at, id)) without rowid`);
    const insert = database.prepare(`insert into review values (${[...COLUMNS, 'folded'].map(() => '?').join(', ')})`);
    for (const review of reviews) {
      insert.run(...COLUMNS.map((column) => review[column]), review.text.toLowerCase());
      count++;
    }
    database.exec('commit');
  } finally {
    database.close();
  }
  return count;
}

export interface ReviewFilter {
  readonly app?: string | undefined;
  readonly label?: string | undefined;
  readonly rating?: number | undefined;
  readonly language?: string | undefined;
  /** Instants; `since` is part of the range, `until` is not. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** A piece of the text, in any case. */
  readonly text?: string | undefined;
}

/** Where a page ended: what comes next is older. */
export interface Place {
  readonly at: string;
  readonly id: string;
}

export interface Step {
  readonly reviews: readonly ServedReview[];
  /** Where the next step goes on; null where everything was looked at. */
  readonly next: Place | null;
}

export interface Tally {
  readonly reviews: number;
  readonly newest: string | null;
  readonly oldest: string | null;
  readonly rating: number | null;
  readonly labels: Readonly<Record<string, number>>;
  readonly languages: Readonly<Record<string, number>>;
  readonly ratings: Readonly<Record<string, number>>;
}

export interface ServedReviews {
  /** Looks at some thousand rows, newest first, from `after` on, within the filter: a step is short, however rare what is searched. */
  step(filter: ReviewFilter, after: Place | null, limit: number): Step;
  tally(): Tally;
  close(): void;
}

/** Rows that one step looks at: a few milliseconds. */
const SCANNED_MAX = 4000;

function conditions(filter: ReviewFilter): { readonly sql: string; readonly values: readonly (string | number)[] } {
  const parts: [string, string | number | undefined][] = [
    ['app = ?', filter.app], ['label = ?', filter.label], ['rating = ?', filter.rating], ['language = ?', filter.language],
    // instr, not like: a percent sign in what a person searches is a percent sign.
    ['instr(folded, ?) > 0', filter.text === undefined || filter.text === '' ? undefined : filter.text.toLowerCase()],
  ];
  const used = parts.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
  return { sql: used.length === 0 ? '1' : used.map(({ sql }) => sql).join(' and '), values: used.map(({ value }) => value) };
}

const HIGHEST: Place = { at: '\u{10ffff}', id: '' };

/** Where to begin: the filter holds wherever the page before ended, which may have been one of another filter. */
function begin({ until }: ReviewFilter, after: Place | null): Place {
  const newest = until === undefined ? HIGHEST : { at: until, id: '' };
  return after !== null && after.at < newest.at ? after : newest;
}

function readTally(database: DatabaseSync): Tally {
  const by = (column: string): Record<string, number> =>
    Object.fromEntries(database.prepare(`select ${column} as name, count(*) as reviews from review group by 1 order by 1`).all().map(({ name, reviews }) => [String(name), Number(reviews)]));
  const row = database.prepare('select count(*) as reviews, max(at) as newest, min(at) as oldest, avg(rating) as rating from review').get();
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    reviews: Number(row?.reviews ?? 0), newest: text(row?.newest), oldest: text(row?.oldest), rating: typeof row?.rating === 'number' ? row.rating : null,
    labels: by('label'), languages: by('language'), ratings: by('rating'),
  };
}

/** Opens the reviews of a release for reading. A file that is none throws: whoever loads a release has verified its hash. */
export function openServedReviews(file: string): ServedReviews {
  // It never changes: no lock is taken, and a read-only disk will do.
  const database = new DatabaseSync(new URL(`${pathToFileURL(file).href}?immutable=1`), { readOnly: true });
  return {
    step(filter, after, limit) {
      const from = begin(filter, after);
      const { sql, values } = conditions(filter);
      const scanned = `select * from review where (at, id) < (?, ?) and at >= ? order by at desc, id desc limit ${SCANNED_MAX}`;
      const bounds = [from.at, from.id, filter.since ?? ''];
      const rows = database.prepare(`select ${COLUMNS.join(', ')} from (${scanned}) where ${sql} order by at desc, id desc limit ?`).all(...bounds, ...values, limit) as unknown as readonly ServedReview[];
      const full = rows.length === limit ? rows.at(-1) : undefined;
      if (full !== undefined) return { reviews: rows, next: { at: full.at, id: full.id } };
      const last = database.prepare(`select at, id from (${scanned}) order by at, id limit 1 offset 0`).get(...bounds) as Place | undefined;
      const count = database.prepare(`select count(*) as n from (${scanned})`).get(...bounds);
      return { reviews: rows, next: last === undefined || Number(count?.n) < SCANNED_MAX ? null : { at: last.at, id: last.id } };
    },
    tally: () => readTally(database),
    close: () => database.close(),
  };
}
