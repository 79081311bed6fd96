import { createFirsts } from '../../ml/text/firsts.ts';
import { nearDuplicates } from './near.ts';
import { quietDays, reviewBombs } from './volume.ts';
import type { Finding } from './volume.ts';
import { wordsOf } from './view.ts';
import type { View } from './view.ts';

/** The share of the reviews that each language may have. */
export type LanguageRanges = Readonly<Record<string, readonly [number, number]>>;

/** What a rule says: of each row, true where it fails; or of something that is not judged row by row. */
export type Rule = (view: View, languages: LanguageRanges) => readonly boolean[] | Finding;

const LENGTH_MAX = 5000;
/** Words of praise or blame that outweigh the others before a text counts as saying the opposite of its stars. */
const CLEAR = 2;

function isRepeated(texts: readonly string[]): readonly boolean[] {
  const firstOf = createFirsts(texts.length);
  return texts.map((text, row) => firstOf(text, row) !== row);
}

/** Ids that differ from another one in case only: of a store that tells them apart, but files and people may not. */
const otherCase: Rule = ({ ids }) => {
  const lower = ids.map((id) => id.toLowerCase());
  // Where no id has a capital letter, as those of Google Play's newer form, there is nothing to compare.
  if (ids.every((id, row) => id === lower[row])) return { failed: 0, of: ids.length, rows: [] };
  const firstOf = createFirsts(ids.length);
  return ids.map((id, row) => ids[firstOf(lower[row] ?? '', row)] !== id);
};

/** Rows after a stretch without any review that is more than ten times the usual one: something was not collected. */
const dayGap: Rule = ({ days }) => {
  const known = [...new Set(days)].filter((day) => day >= 0).sort((a, b) => a - b);
  const gaps = known.slice(1).map((day, index) => day - (known[index] ?? day));
  const usual = gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 1;
  const after = new Set(known.slice(1).filter((_, index) => (gaps[index] ?? 0) > Math.max(10, 10 * usual)));
  return Array.from(days, (day) => after.has(day));
};

/** Languages whose share of the reviews is outside of the range that is declared for them. */
const languageMix: Rule = ({ languages }, ranges) => {
  const entries = Object.entries(ranges);
  const isOutside = ([language, [least, most]]: (typeof entries)[number]): boolean => {
    const share = languages.filter((one) => one === language).length / languages.length;
    return share < least || share > most;
  };
  return { failed: languages.length === 0 ? 0 : entries.filter(isOutside).length, of: entries.length, rows: [] };
};

const ratingText: Rule = ({ ratings, opinions }) =>
  ratings.map((rating, row) => rating !== null && ((rating <= 2 && (opinions[row] ?? 0) >= CLEAR) || (rating >= 4 && (opinions[row] ?? 0) <= -CLEAR)));

const nearDuplicate: Rule = ({ rows, texts, signatures }) =>
  nearDuplicates(signatures, rows, (row) => {
    const text = texts[row] ?? '';
    return { text: text.trim().toLowerCase(), words: wordsOf(text) };
  });

/** The rules by the names that params.yaml uses. */
export const RULES: Readonly<Record<string, Rule>> = {
  'missing-rating': ({ ratings }) => ratings.map((rating) => rating === null),
  'rating-range': ({ ratings }) => ratings.map((rating) => rating !== null && (!Number.isInteger(rating) || rating < 1 || rating > 5)),
  'missing-date': ({ ats }) => ats.map((at) => at === null),
  'future-date': ({ impossible }) => impossible,
  'duplicate-id': ({ ids }) => isRepeated(ids),
  'other-case-id': otherCase,
  'wrong-app': ({ apps, app }) => apps.map((one) => one !== app),
  'empty-text': ({ texts }) => texts.map((text) => text.trim() === ''),
  'no-letters': ({ texts }) => texts.map((text) => text.trim() !== '' && !/[\p{L}\p{N}]/u.test(text)),
  'duplicate-text': ({ texts }) => isRepeated(texts.map((text) => text.trim().toLowerCase())),
  'broken-encoding': ({ texts }) => texts.map((text) => /\ufffd|Ã.|â€/.test(text)),
  'unusual-length': ({ texts }) => texts.map((text) => text.length > LENGTH_MAX),
  'other-language': ({ texts, languages }) => texts.map((text, row) => languages[row] === 'other' && /[\p{L}]{2}/u.test(text)),
  'language-mix': languageMix,
  'near-duplicate': nearDuplicate,
  'rating-text': ratingText,
  'review-bomb': reviewBombs,
  'quiet-day': quietDays,
  'day-gap': dayGap,
};
