import type { Language } from '../../schema/app.ts';
import type { TextParams } from '../../schema/params.ts';
import { KNOWN, detectLanguage, languageByCounts } from './language.ts';
import { CLASSES, WORD } from './quick.ts';
import { SLANG } from './slang.ts';
import { isStopword } from './stopwords.ts';
import { WordReader } from './words.ts';

const SKIN_OR_VARIANT = /[\u{1f3fb}-\u{1f3ff}]|\ufe0f/gu;
/** "berkali2" is "berkali-kali" typed in short: the doubled word. */
const DOUBLED = /^(\p{L}{2,})2$/u;
const DIGIT_TWO = 50;
const ASCII_MAX = 127;

/** Optional last step that needs more than this folder may import: the Indonesian stemmer, in stages. */
export type Stem = (token: string) => string;

function isAscii(token: string): boolean {
  for (let index = 0; index < token.length; index++) if (token.charCodeAt(index) > ASCII_MAX) return false;
  return true;
}

/** A word as it is counted: doubled words written out, one apostrophe, emoji without tone of skin. */
export function plainWord(match: string): string {
  const doubled = match.charCodeAt(match.length - 1) === DIGIT_TWO ? DOUBLED.exec(match)?.[1] : undefined;
  const word = doubled === undefined ? match : `${doubled}-${doubled}`;
  return isAscii(word) ? word : word.replaceAll(SKIN_OR_VARIANT, '').replaceAll('’', "'");
}

/** A word, or "!" or "?" for a run of them. */
interface Word {
  readonly isMark: boolean;
  /** As it is counted. */
  readonly plain: string;
  readonly plainLanguage: Known;
  /** The full word where this is a short form of one, else the same. */
  readonly full: string;
  readonly fullLanguage: Known;
}

type Known = 'id' | 'en' | undefined;

const words = new WordReader((match): Word => {
  const plain = plainWord(match);
  const full = SLANG.get(plain) ?? plain;
  return { isMark: plain === '?' || plain === '!', plain, plainLanguage: KNOWN.get(plain), full, fullLanguage: KNOWN.get(full) };
});

export interface Tokens {
  readonly tokens: readonly string[];
  /** By the tokens, as `detectLanguage` tells it. */
  readonly language: Language;
}

/** A normalised text as tokens, in order, and its language. No token holds a space. */
export function readTokens(text: string, { punctuation, slang, stopwords }: Omit<TextParams, 'stem'>, stem?: Stem): Tokens {
  const tokens: string[] = [];
  let [indonesian, english] = [0, 0];
  const count = words.read(text);
  for (let index = 0; index < count; index++) {
    const word = words.found[index] as Word;
    if (word.isMark) {
      if (punctuation) tokens.push(word.plain);
      continue;
    }
    const token = slang ? word.full : word.plain;
    if (stopwords !== 'none' && isStopword(token, stopwords)) continue;
    tokens.push(stem === undefined ? token : stem(token));
    const language = slang ? word.fullLanguage : word.plainLanguage;
    if (language === 'id') indonesian++;
    else if (language === 'en') english++;
  }
  return { tokens, language: stem === undefined ? languageByCounts(indonesian, english) : detectLanguage(tokens) };
}

/** A normalised text as tokens, in order. No token holds a space. */
export function tokenize(text: string, params: Omit<TextParams, 'stem'>, stem?: Stem): readonly string[] {
  return readTokens(text, params, stem).tokens;
}

/** True for a token that is a word rather than an emoji or a mark. */
export function isWord(token: string): boolean {
  return CLASSES[token.charCodeAt(0)] === WORD || /[\p{L}\p{N}]/u.test(token);
}
