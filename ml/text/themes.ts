import { isWord } from './tokenize.ts';
import { NEGATIONS, STOPWORDS } from './stopwords.ts';

/** A word that is more typical of one group of reviews than of the rest. */
export interface Keyword {
  readonly word: string;
  /** Reviews of the group that contain it; a review counts once. */
  readonly reviews: number;
  /** Log-odds ratio in standard deviations: how sure the difference is. */
  readonly score: number;
}

/** Fillers that stopword lists leave in and that tell a product team nothing. */
const FILLERS = new Set('aplikasi aplikasinya app apps apk nya aja gak ga nggak enggak tidak banget sih dong kok deh nih kak min admin udah sudah the and xurl xemail xphone very'.split(' '));
/** Words that judge without saying what. */
const VERDICTS = new Set('jelek buruk parah kecewa mengecewakan payah sampah ampas bad worst terrible horrible awful bagus good mantap suka tolong mohon please bgt poor trash rubbish useless disappointed disappointing sucks benci malas nyesel menyesal sebel kesal'.split(' '));
const LETTERS_MIN = 3;
const REVIEWS_MIN = 2;
/** Deviations by which a theme must stand out, and the part of its group it must occur in, to be more than chance. */
const THEME_SCORE_MIN = 1.64;
const THEME_SHARE_MIN = 0.02;
const THEME_REVIEWS_MIN = 3;
const CANDIDATES = 400;
/** Weight of the whole corpus as prior, in words. */
const PRIOR = 500;

function speaks(token: string): boolean {
  return token.length >= LETTERS_MIN && isWord(token) && !/^\d/.test(token) && !STOPWORDS.has(token) && !NEGATIONS.has(token) && !FILLERS.has(token);
}

/** For each word, the number of texts (tokens joined by spaces) that contain it. */
function countTexts(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const token of new Set(text.split(' '))) if (speaks(token)) counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  return counts;
}

function total(counts: ReadonlyMap<string, number>): number {
  return counts.values().reduce((sum, count) => sum + count, 0);
}

/**
 * Words typical of `group` against `rest`, most typical first: log-odds ratio with an informative Dirichlet prior, divided by
 * its deviation (Monroe, Colaresi & Quinn, Fightin' Words, Political Analysis 16, 2008). A word that is common everywhere, and
 * a rare one that happens to be here, both score low.
 */
export function keywords(group: readonly string[], rest: readonly string[], limit: number): readonly Keyword[] {
  const [a, b] = [countTexts(group), countTexts(rest)];
  const [n, m] = [total(a), total(b)];
  const found: Keyword[] = [];
  for (const [word, reviews] of a) {
    if (reviews < REVIEWS_MIN) continue;
    const others = b.get(word) ?? 0;
    const prior = (PRIOR * (reviews + others)) / (n + m);
    const odds = (count: number, sum: number): number => Math.log((count + prior) / (sum + PRIOR - count - prior));
    const deviation = Math.sqrt(1 / (reviews + prior) + 1 / (others + prior));
    const score = (odds(reviews, n) - odds(others, m)) / deviation;
    if (score > 0) found.push({ word, reviews, score });
  }
  return found.sort((x, y) => y.score - x.score || (x.word < y.word ? -1 : 1)).slice(0, limit);
}

/** What a group is about: words that stand out from the rest by more than chance, the commonest first. */
export function themes(group: readonly string[], rest: readonly string[], limit: number): readonly Keyword[] {
  const least = Math.max(THEME_REVIEWS_MIN, group.length * THEME_SHARE_MIN);
  return keywords(group, rest, CANDIDATES)
    .filter(({ word, reviews, score }) => reviews >= least && score >= THEME_SCORE_MIN && !VERDICTS.has(word))
    .sort((a, b) => b.reviews - a.reviews || b.score - a.score || (a.word < b.word ? -1 : 1))
    .slice(0, limit);
}
