import { KNOWN, languageByCounts } from '../../ml/text/language.ts';
import { createMemo } from '../../ml/text/memo.ts';
import { normalize } from '../../ml/text/normalize.ts';
import { opinionOf, turnOf } from '../../ml/text/opinion-words.ts';
import type { Turn } from '../../ml/text/opinion-words.ts';
import { isWord, plainWord, visitWords } from '../../ml/text/tokenize.ts';
import type { Language } from '../../schema/app.ts';
import type { Review } from '../../schema/review.ts';
import { SIGNATURE, sign, wordHash } from './near.ts';

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

/** All that is judged of a word, worked out once for each that is met. */
interface Word {
  readonly word: string;
  readonly counts: boolean;
  readonly language: 'id' | 'en' | undefined;
  readonly turn: Turn;
  readonly hash: number;
}

const wordAt = createMemo((match): Word => {
  const word = plainWord(match);
  return { word, counts: isWord(word), language: KNOWN.get(word), turn: turnOf(word), hash: wordHash(word) };
});

/** The words of a text as it was typed; emoji and marks are none. */
function readWords(text: string): readonly Word[] {
  const normal = normalize(text);
  const words: Word[] = [];
  visitWords(normal, (from, end) => {
    const word = wordAt(normal, from, end);
    if (word.counts) words.push(word);
  });
  return words;
}

export const wordsOf = (text: string): readonly string[] => readWords(text).map(({ word }) => word);

function languageOf(words: readonly Word[]): Language {
  let indonesian = 0;
  let english = 0;
  for (const { language } of words) {
    if (language === 'id') indonesian++;
    else if (language === 'en') english++;
  }
  return languageByCounts(indonesian, english);
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
    const words = readWords(text);
    languages.push(languageOf(words));
    opinions[row] = opinionOf(words);
    sign(words, signatures, row);
  }
  return { reviews, app, languages, opinions, signatures, days: Int32Array.from(reviews, ({ at }) => dayOf(at)) };
}
