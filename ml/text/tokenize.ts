import type { TextParams } from '../../schema/params.ts';
import { createMemo } from './memo.ts';
import { BEYOND, CLASSES, JOINER, MARK, NONE, WORD } from './quick.ts';
import { SLANG } from './slang.ts';
import { isStopword } from './stopwords.ts';

/**
 * A word is letters, marks and digits, also joined inside by - or ' ("berkali-kali", "don't"). An emoji is one token with all
 * that belongs to it (skin tone, joined family, flag). Runs of ! and ? are a token where punctuation counts.
 */
const TOKEN = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*|\p{Regional_Indicator}{2}|\p{Extended_Pictographic}(?:\ufe0f|[\u{1f3fb}-\u{1f3ff}])*(?:\u200d\p{Extended_Pictographic}(?:\ufe0f|[\u{1f3fb}-\u{1f3ff}])*)*|[!?]+/gu;
const TOKEN_HERE = new RegExp(TOKEN.source, 'uy');
const SKIN_OR_VARIANT = /[\u{1f3fb}-\u{1f3ff}]|\ufe0f/gu;
/** "berkali2" is "berkali-kali" typed in short: the doubled word. */
const DOUBLED = /^(\p{L}{2,})2$/u;
const [DIGIT_TWO, ASCII_MAX] = [50, 127];

/** Optional last step that needs more than this folder may import: the Indonesian stemmer, in stages. */
export type Stem = (token: string) => string;

/** The class of a character of ASCII; beyond it, and beyond the end, nothing of ours. */
const classAt = (text: string, at: number): number => (at < text.length ? (CLASSES[text.charCodeAt(at)] ?? BEYOND) : NONE);

/** The end of a word of ASCII that begins at a place, or -1 where what follows it may belong to it as well. */
function endOfPlainWord(text: string, from: number): number {
  let at = from;
  while (true) {
    let kind = classAt(text, at);
    while (kind === WORD) kind = classAt(text, ++at);
    if (kind === BEYOND) return -1;
    if (kind !== JOINER) return at;
    const next = classAt(text, at + 1);
    if (next !== WORD) return next === BEYOND ? -1 : at;
    at++;
  }
}

/** The end of the token that begins at a place, or -1 where none does: by character where it is ASCII, else by the pattern. */
function endOfToken(text: string, from: number): number {
  const first = classAt(text, from);
  if (first === WORD) {
    const end = endOfPlainWord(text, from);
    if (end !== -1) return end;
  } else if (first === MARK) {
    let at = from + 1;
    while (classAt(text, at) === MARK) at++;
    return at;
  } else if (first !== BEYOND) return -1;
  TOKEN_HERE.lastIndex = from;
  return TOKEN_HERE.test(text) ? TOKEN_HERE.lastIndex : -1;
}

function isAscii(token: string): boolean {
  for (let index = 0; index < token.length; index++) if (token.charCodeAt(index) > ASCII_MAX) return false;
  return true;
}

/** A word as it is counted: doubled words written out, one apostrophe, emoji without tone of skin. */
function plainWord(match: string): string {
  const doubled = match.charCodeAt(match.length - 1) === DIGIT_TWO ? DOUBLED.exec(match)?.[1] : undefined;
  const word = doubled === undefined ? match : `${doubled}-${doubled}`;
  return isAscii(word) ? word : word.replaceAll(SKIN_OR_VARIANT, '').replaceAll('’', "'");
}

const isPair = (text: string, at: number): boolean => text.charCodeAt(at) >= 0xd800 && (text.codePointAt(at) ?? 0) > 0xffff;

interface Word {
  /** As it is counted. */
  readonly plain: string;
  /** The full word where this is a short form of one, else the same. */
  readonly full: string;
}

const wordAt = createMemo((match): Word => {
  const plain = plainWord(match);
  return { plain, full: SLANG.get(plain) ?? plain };
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
