import type { z } from 'zod';
import { KNOWN, languageByCounts } from '../../ml/text/language.ts';
import { normalize } from '../../ml/text/normalize.ts';
import { opinionOf, turnOf } from '../../ml/text/opinion-words.ts';
import type { Turn } from '../../ml/text/opinion-words.ts';
import { isWord, plainWord } from '../../ml/text/tokenize.ts';
import { WordReader } from '../../ml/text/words.ts';
import type { ColumnTable } from '../../records/read-csv.ts';
import type { Language } from '../../schema/app.ts';
import { Review } from '../../schema/review.ts';
import { impossibleDates } from '../dates/impossible.ts';
import { millisecondsOf } from '../dates/instant.ts';
import { SIGNATURE, sign, wordHash } from './near.ts';

/** What is read of the collected reviews. */
export const Judged = Review.pick({ app: true, id: true, at: true, rating: true, text: true });
export type Judged = z.infer<typeof Judged>;

/** What the rules look at: the reviews by columns, and what is worked out once for each row; the tokens themselves are not kept. */
export interface View {
  readonly rows: number;
  readonly app: string;
  readonly apps: readonly string[];
  readonly ids: readonly string[];
  readonly ats: readonly (string | null)[];
  readonly ratings: readonly (number | null)[];
  readonly texts: readonly string[];
  readonly languages: readonly Language[];
  /** Praise minus blame in the words of the text. */
  readonly opinions: Int16Array;
  /** `SIGNATURE` numbers a row, all 0 where the text is too short to compare. */
  readonly signatures: Uint32Array;
  /** Days since 1970 in UTC, or -1 where there is no date, or one that cannot be: a year too far is no stretch without reviews. */
  readonly days: Int32Array;
  /** Dates that cannot be. */
  readonly impossible: readonly boolean[];
}

/** All that is judged of a word, worked out once for each that is met. */
interface Word {
  readonly word: string;
  readonly counts: boolean;
  readonly language: 'id' | 'en' | undefined;
  readonly turn: Turn;
  readonly hash: number;
}

const reader = new WordReader((match): Word => {
  const word = plainWord(match);
  return { word, counts: isWord(word), language: KNOWN.get(word), turn: turnOf(word), hash: wordHash(word) };
});

/** The words of a text as it was typed; emoji and marks are none. */
function readWords(text: string): readonly Word[] {
  const words: Word[] = [];
  const count = reader.read(normalize(text));
  for (let index = 0; index < count; index++) {
    const word = reader.found[index] as Word;
    if (word.counts) words.push(word);
  }
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

const DAY_MS = 86_400_000;
const dayOf = (at: string | null): number => (at === null ? -1 : Math.floor(millisecondsOf(at) / DAY_MS));

function daysOf(ats: readonly (string | null)[], impossible: readonly boolean[]): Int32Array {
  const days = Int32Array.from(ats, dayOf);
  for (let row = 0; row < days.length; row++) if (impossible[row] === true) days[row] = -1;
  return days;
}

export function viewOf({ rows, columns }: ColumnTable<typeof Judged>, app: string): View {
  const { app: apps, id: ids, at: ats, rating: ratings, text: texts } = columns;
  const languages: Language[] = [];
  const opinions = new Int16Array(rows);
  const signatures = new Uint32Array(rows * SIGNATURE);
  for (let row = 0; row < rows; row++) {
    const words = readWords(texts[row] ?? '');
    languages.push(languageOf(words));
    opinions[row] = opinionOf(words);
    sign(words, signatures, row);
  }
  const impossible = impossibleDates(ats);
  return { rows, app, apps, ids, ats, ratings, texts, languages, opinions, signatures, days: daysOf(ats, impossible), impossible };
}
