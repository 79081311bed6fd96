import type { TextParams } from '../../schema/params.ts';
import { CLASSES, JOINER, MARK, WORD } from './quick.ts';
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

/** The end of the token that begins at a place, or -1 where none does: by character where it is ASCII, else by the pattern. */
function endOfToken(text: string, from: number): number {
  const first = CLASSES[text.charCodeAt(from)];
  let at = from;
  if (first === MARK) {
    while (CLASSES[text.charCodeAt(at)] === MARK) at++;
    return at;
  }
  if (first === WORD) {
    while (true) {
      const kind = CLASSES[text.charCodeAt(at)];
      if (kind === WORD || (kind === JOINER && CLASSES[text.charCodeAt(at + 1)] === WORD)) at++;
      else break;
    }
    // What follows the plain part may belong to the word as well.
    if (!(text.charCodeAt(at) > ASCII_MAX) && !(CLASSES[text.charCodeAt(at)] === JOINER && text.charCodeAt(at + 1) > ASCII_MAX)) return at;
  } else if (first !== undefined) return -1;
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

/** A normalised text as tokens, in order. No token holds a space. */
export function tokenize(text: string, params: Omit<TextParams, 'stem'>, stem?: Stem): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = endOfToken(text, at);
    if (end === -1) {
      at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
      continue;
    }
    const match = text.slice(at, end);
    at = end;
    if (CLASSES[match.charCodeAt(0)] === MARK) {
      if (params.punctuation) tokens.push(match.includes('?') ? '?' : '!');
      continue;
    }
    const word = plainWord(match);
    const plain = params.slang ? (SLANG.get(word) ?? word) : word;
    if (isStopword(plain, params.stopwords)) continue;
    tokens.push(stem === undefined ? plain : stem(plain));
  }
  return tokens;
}

/** True for a token that is a word rather than an emoji or a mark. */
export function isWord(token: string): boolean {
  return CLASSES[token.charCodeAt(0)] === WORD || /[\p{L}\p{N}]/u.test(token);
}
