import type { Language } from '../../schema/app.ts';
import type { TextParams } from '../../schema/params.ts';
import { KNOWN, languageByCounts } from './language.ts';
import { createMemo } from './memo.ts';
import { normalize } from './normalize.ts';
import { CLASSES, MARK, WORD } from './quick.ts';
import { classAt, endOfToken, isPair } from './scan.ts';
import { SLANG } from './slang.ts';
import { isStopword } from './stopwords.ts';

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

interface Word {
  /** As it is counted. */
  readonly plain: string;
  /** The full word where this is a short form of one, else the same. */
  readonly full: string;
  /** Of the word as it is counted; undefined where that says nothing. */
  readonly language: 'id' | 'en' | undefined;
}

const wordAt = createMemo((match): Word => {
  const plain = plainWord(match);
  return { plain, full: SLANG.get(plain) ?? plain, language: KNOWN.get(plain) };
});

/** A normalised text as tokens, in order. No token holds a space. */
export function tokenize(text: string, params: Omit<TextParams, 'stem'>, stem?: Stem): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = endOfToken(text, at);
    if (end === -1) {
      at += isPair(text, at) ? 2 : 1;
      continue;
    }
    const from = at;
    at = end;
    if (classAt(text, from) === MARK) {
      if (params.punctuation) tokens.push(text.slice(from, end).includes('?') ? '?' : '!');
      continue;
    }
    const word = wordAt(text, from, end);
    const token = params.slang ? word.full : word.plain;
    if (params.stopwords !== 'none' && isStopword(token, params.stopwords)) continue;
    tokens.push(stem === undefined ? token : stem(token));
  }
  return tokens;
}

/** True for a token that is a word rather than an emoji or a mark. */
export function isWord(token: string): boolean {
  return CLASSES[token.charCodeAt(0)] === WORD || /[\p{L}\p{N}]/u.test(token);
}

/** Calls `visit` with the place of each token of a normalised text that is no mark, in order, without cutting it out. */
export function visitWords(text: string, visit: (from: number, end: number) => void): void {
  for (let at = 0; at < text.length; ) {
    const end = endOfToken(text, at);
    if (end !== -1 && classAt(text, at) !== MARK) visit(at, end);
    at = end !== -1 ? end : at + (isPair(text, at) ? 2 : 1);
  }
}

/** The language of a text as it was typed, by its words; without making tokens of them. */
export function languageOf(raw: string): Language {
  const text = normalize(raw);
  let indonesian = 0;
  let english = 0;
  visitWords(text, (from, end) => {
    const { language } = wordAt(text, from, end);
    if (language === 'id') indonesian++;
    else if (language === 'en') english++;
  });
  return languageByCounts(indonesian, english);
}
