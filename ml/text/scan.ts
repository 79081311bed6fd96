import { BEYOND, CLASSES, JOINER, MARK, NONE, WORD } from './quick.ts';

/**
 * A word is letters, marks and digits, also joined inside by - or ' ("berkali-kali", "don't"). An emoji is one token with all
 * that belongs to it (skin tone, joined family, flag). Runs of ! and ? are a token where punctuation counts.
 */
const TOKEN = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*|\p{Regional_Indicator}{2}|\p{Extended_Pictographic}(?:\ufe0f|[\u{1f3fb}-\u{1f3ff}])*(?:\u200d\p{Extended_Pictographic}(?:\ufe0f|[\u{1f3fb}-\u{1f3ff}])*)*|[!?]+/gu;
const TOKEN_HERE = new RegExp(TOKEN.source, 'uy');

/** The class of a character of ASCII; beyond it, and beyond the end, nothing of ours. */
export const classAt = (text: string, at: number): number => (at < text.length ? (CLASSES[text.charCodeAt(at)] ?? BEYOND) : NONE);

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
export function endOfToken(text: string, from: number): number {
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

/** Whether a character of two units stands at a place. */
export const isPair = (text: string, at: number): boolean => text.charCodeAt(at) >= 0xd800 && (text.codePointAt(at) ?? 0) > 0xffff;
