import type { TextParams } from '../../schema/params.ts';
import { ENGLISH, INDONESIAN } from './stopword-lists.ts';

/** Words that turn a sentence round. The common lists contain them, and taking them out costs several points of macro-F1. */
export const NEGATIONS: ReadonlySet<string> = new Set(
  ("tidak bukan belum jangan kurang tanpa tak tiada enggan gagal sulit susah no not nor never without can't cannot don't doesn't didn't won't isn't " +
    "wasn't aren't couldn't shouldn't wouldn't hardly").split(' '),
);

export const STOPWORDS: ReadonlySet<string> = new Set(`${INDONESIAN} ${ENGLISH}`.split(/\s+/).filter((word) => word !== ''));

export function isStopword(word: string, mode: TextParams['stopwords']): boolean {
  switch (mode) {
    case 'none':
      return false;
    case 'keep-negation':
      return STOPWORDS.has(word) && !NEGATIONS.has(word);
    case 'all':
      return STOPWORDS.has(word) || NEGATIONS.has(word);
    default: {
      const never: never = mode;
      return never;
    }
  }
}
