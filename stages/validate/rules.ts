import { tokenize, isWord } from '../../ml/text/tokenize.ts';
import { detectLanguage } from '../../ml/text/language.ts';
import { normalize } from '../../ml/text/normalize.ts';
import type { Language } from '../../schema/app.ts';
import type { Review } from '../../schema/review.ts';
import { impossibleDates } from '../dates/impossible.ts';

/** What a rule says of each row: true where the row fails it. */
export type Rule = (reviews: readonly Review[], app: string) => readonly boolean[];

const DAY_MS = 86_400_000;
const LENGTH_MAX = 5000;

const each = (fails: (review: Review) => boolean): Rule => (reviews) => reviews.map(fails);

function repeated(key: (review: Review) => string): Rule {
  return (reviews) => {
    const seen = new Set<string>();
    return reviews.map((review) => {
      const value = key(review);
      const known = seen.has(value);
      seen.add(value);
      return known;
    });
  };
}

const futureDate: Rule = (reviews) => impossibleDates(reviews.map(({ at }) => at));

/** Rows after a stretch without any review that is more than ten times the usual one: something was not collected. */
const dayGap: Rule = (reviews) => {
  const days = reviews.map(({ at }) => (at === null ? null : Math.floor(Date.parse(at) / DAY_MS)));
  const known = [...new Set(days.filter((day) => day !== null))].sort((a, b) => a - b);
  const gaps = known.slice(1).map((day, index) => day - (known[index] ?? day));
  const usual = gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 1;
  const after = new Set(known.slice(1).filter((_, index) => (gaps[index] ?? 0) > Math.max(10, 10 * usual)));
  return days.map((day) => day !== null && after.has(day));
};

export function languageOf(text: string): Language {
  return detectLanguage(tokenize(normalize(text), { stopwords: 'none', slang: false, punctuation: false }).filter(isWord));
}

/** The rules by the names that params.yaml uses. */
export const RULES: Readonly<Record<string, Rule>> = {
  'missing-rating': each(({ rating }) => rating === null),
  'rating-range': each(({ rating }) => rating !== null && (!Number.isInteger(rating) || rating < 1 || rating > 5)),
  'missing-date': each(({ at }) => at === null),
  'future-date': futureDate,
  'duplicate-id': repeated(({ id }) => id),
  'wrong-app': (reviews, app) => reviews.map((review) => review.app !== app),
  'empty-text': each(({ text }) => text.trim() === ''),
  'no-letters': each(({ text }) => text.trim() !== '' && !/[\p{L}\p{N}]/u.test(text)),
  'duplicate-text': repeated(({ text }) => text.trim().toLowerCase()),
  'broken-encoding': each(({ text }) => /\ufffd|Ã.|â€/.test(text)),
  'unusual-length': each(({ text }) => text.length > LENGTH_MAX),
  'other-language': each(({ text }) => /[\p{L}]{2}/u.test(text) && languageOf(text) === 'other'),
  'day-gap': dayGap,
};
