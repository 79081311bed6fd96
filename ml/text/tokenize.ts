import type { TextParams } from '../../schema/params.ts';
import { SLANG } from './slang.ts';
import { isStopword } from './stopwords.ts';

/**
 * A word is letters, marks and digits, also joined inside by - or ' ("berkali-kali", "don't"). An emoji is one token with all
 * that belongs to it (skin tone, joined family, flag). Runs of ! and ? are a token where punctuation counts.
 */
const TOKEN = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*|\p{Regional_Indicator}{2}|\p{Extended_Pictographic}(?:\ufe0f|[\u{1f3fb}-\u{1f3ff}])*(?:\u200d\p{Extended_Pictographic}(?:\ufe0f|[\u{1f3fb}-\u{1f3ff}])*)*|[!?]+/gu;
const PUNCTUATION = /^[!?]+$/;
const SKIN_OR_VARIANT = /[\u{1f3fb}-\u{1f3ff}]|\ufe0f/gu;
/** "berkali2" is "berkali-kali" typed in short: the doubled word. */
const DOUBLED = /^(\p{L}{2,})2$/u;

/** Optional last step that needs more than this folder may import: the Indonesian stemmer, in stages. */
export type Stem = (token: string) => string;

/** A normalised text as tokens, in order. No token holds a space. */
export function tokenize(text: string, params: Omit<TextParams, 'stem'>, stem?: Stem): string[] {
  const tokens: string[] = [];
  for (const [match] of text.matchAll(TOKEN)) {
    if (PUNCTUATION.test(match)) {
      if (params.punctuation) tokens.push(match.includes('?') ? '?' : '!');
      continue;
    }
    const doubled = DOUBLED.exec(match)?.[1];
    const word = (doubled === undefined ? match : `${doubled}-${doubled}`).replaceAll(SKIN_OR_VARIANT, '').replaceAll('’', "'");
    const plain = params.slang ? (SLANG.get(word) ?? word) : word;
    if (isStopword(plain, params.stopwords)) continue;
    tokens.push(stem === undefined ? plain : stem(plain));
  }
  return tokens;
}

/** True for a token that is a word rather than an emoji or a mark. */
export function isWord(token: string): boolean {
  return /[\p{L}\p{N}]/u.test(token);
}
