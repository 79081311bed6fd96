/**
 * The quick way for what most reviews are: plain ASCII without markup, links, addresses and long numbers. One look at each
 * character says whether that is so and what is left to do, and spares a dozen regular expressions.
 */

const [TAB, LF, CR, SPACE, AMPERSAND, MINUS, DOT, SLASH, COLON, LESS, AT, DELETE, LETTER_W] = [9, 10, 13, 32, 38, 45, 46, 47, 58, 60, 64, 127, 119];

/** As long a stretch of digits, spaces and hyphens as a number of a phone needs. */
const NUMBER_LENGTH = 10;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;
const isMark = (code: number): boolean => code === 33 || code === 44 || code === DOT || code === 63;

export interface Needs {
  /** A letter or a mark three times in a row. */
  readonly repeats: boolean;
  /** A line end, a tab, or two spaces in a row. */
  readonly spaces: boolean;
}

const NEEDS: readonly (readonly [Needs, Needs])[] = [false, true].map((repeats) => [{ repeats, spaces: false }, { repeats, spaces: true }] as const);

/** What a character is to the quick way: of no interest, or a letter, a space, a line end or tab, part of a number, a mark, or what only the thorough way knows. */
const [PLAIN, LETTER, BLANK, BREAK, NUMBER, POINT, LINK, OTHER] = [0, 1, 2, 3, 4, 5, 6, 7];

function looked(code: number): number {
  if (isLetter(code)) return LETTER;
  if (code === SPACE) return BLANK;
  if (code === TAB || code === LF || code === CR) return BREAK;
  if (isDigit(code) || code === MINUS) return NUMBER;
  if (isMark(code)) return POINT;
  if (code === COLON) return LINK;
  return code < SPACE || code === AMPERSAND || code === LESS || code === AT || code === DELETE ? OTHER : PLAIN;
}
const LOOKS = Uint8Array.from({ length: 128 }, (_, code) => looked(code));

/** What a text of ASCII, given as its bytes, needs apart from lower case, or undefined where only the thorough way will do. */
export function lookAt(bytes: Uint8Array, length: number): Needs | undefined {
  let [run, number, before, repeats, spaces] = [0, 0, -1, false, false];
  for (let index = 0; index < length; index++) {
    const code = bytes[index] as number;
    const look = LOOKS[code] as number;
    if (look === LETTER) {
      const folded = code | 32;
      run = folded === before ? run + 1 : 1;
      if (run > 2) repeats = true;
      before = folded;
      number = 0;
      continue;
    }
    // A link: `://` or `www.`, in any case.
    if (look === OTHER || (look === LINK && index + 2 < length && bytes[index + 1] === SLASH && bytes[index + 2] === SLASH)) return undefined;
    if (code === DOT && before === LETTER_W && run > 2) return undefined;
    run = code === before ? run + 1 : 1;
    before = code;
    if (look === BLANK || look === BREAK || look === NUMBER) {
      if (look === BREAK || (look === BLANK && run > 1)) spaces = true;
      if (++number >= NUMBER_LENGTH) return undefined;
    } else {
      if (look === POINT && run > 2) repeats = true;
      number = 0;
    }
  }
  return NEEDS[repeats ? 1 : 0]?.[spaces ? 1 : 0];
}

/** Whether a character stands three times in a row, which few texts have: a look at each costs a quarter of the pattern that finds them. */
export function hasTriple(text: string): boolean {
  for (let index = 2; index < text.length; index++) {
    const code = text.charCodeAt(index);
    // Of a character of two units the same one stands two places before; the pattern has the last word.
    if (code === text.charCodeAt(index - 2) && (code === text.charCodeAt(index - 1) || code >= 0xd800)) return true;
  }
  return false;
}

/** What a character is to the tokenizer: nothing, part of a word, what may join two parts, ! and ?, or none of ASCII. */
export const NONE = 0;
export const WORD = 1;
export const JOINER = 2;
export const MARK = 3;
export const BEYOND = 4;

/** By character code, below 128. */
export const CLASSES: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => (isDigit(code) || isLetter(code) ? WORD : code === 39 || code === MINUS ? JOINER : code === 33 || code === 63 ? MARK : NONE));
