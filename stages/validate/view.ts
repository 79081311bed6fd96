import { detectLanguage } from '../../ml/text/language.ts';
import { normalize } from '../../ml/text/normalize.ts';
import { opinionOf } from '../../ml/text/opinion-words.ts';
import { isWord, tokenize } from '../../ml/text/tokenize.ts';
import type { Language } from '../../schema/app.ts';
import type { Review } from '../../schema/review.ts';
import { SIGNATURE, sign } from './near.ts';

/** What the rules look at, worked out once for each row; the tokens themselves are not kept. */
export interface View {
  readonly reviews: readonly Review[];
  readonly app: string;
  readonly languages: readonly Language[];
  /** Praise minus blame in the words of the text. */
  readonly opinions: Int16Array;
  /** `SIGNATURE` numbers a row, all 0 where the text is too short to compare. */
  readonly signatures: Uint32Array;
  /** Days since 1970 in UTC, or -1 where there is no date. */
  readonly days: Int32Array;
}

export function wordsOf(text: string): readonly string[] {
  return tokenize(normalize(text), { stopwords: 'none', slang: false, punctuation: false }).filter(isWord);
}

const DAYS = new Map<string, number>();
const DAY_MS = 86_400_000;

/** The day of an instant, which many rows share: its date is parsed once. */
function dayOf(at: string | null): number {
  if (at === null) return -1;
  const date = at.slice(0, 10);
  let day = DAYS.get(date);
  if (day === undefined) DAYS.set(date, (day = Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS)));
  return day;
}

export function viewOf(reviews: readonly Review[], app: string): View {
  const languages: Language[] = [];
  const opinions = new Int16Array(reviews.length);
  const signatures = new Uint32Array(reviews.length * SIGNATURE);
  for (const [row, { text }] of reviews.entries()) {
    const words = wordsOf(text);
    languages.push(detectLanguage(words));
    opinions[row] = opinionOf(words);
    sign(words, signatures, row);
  }
  return { reviews, app, languages, opinions, signatures, days: Int32Array.from(reviews, ({ at }) => dayOf(at)) };
}
