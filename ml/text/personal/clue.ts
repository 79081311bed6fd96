import { MARK_LENGTH } from './groups.ts';

/** A phone number with its plus has eight digits, an address of a wallet 25 letters and digits: nothing shorter is ever found. */
const [DIGITS, LETTERS] = [8, 25];

/**
 * What a byte of a text in UTF-8 is to `hasClue`: what ends all, a digit, a letter (or what addresses have among them), a mark
 * within numbers, a sign of e-mail, what is not seen; the first byte of a character that may be a digit of another form; and a
 * bracket, in which the sign may be spelled.
 */
const [BREAK, DIGIT, LETTER, MARK, SIGN, NOTHING, FORM, OPEN] = [0, 1, 2, 3, 4, 5, 6, 7];

/** First bytes of digits of other scripts, and of the pages of Unicode with raised ones, ones in circles, full-width forms and mathematics. */
const FORMS: ReadonlySet<number> = new Set([0xc2, 0xd9, 0xdb, 0xdf, 0xe0, 0xe1, 0xe2, 0xea, 0xef, 0xf0]);

function clueOf(byte: number): number {
  if (byte >= 0x80) return FORMS.has(byte) ? FORM : NOTHING;
  const character = String.fromCharCode(byte);
  if (/[0-9]/.test(character)) return DIGIT;
  if (/[A-Za-z]/.test(character)) return LETTER;
  if (/[([{<]/.test(character)) return OPEN;
  if (/[ .,/_)-]/.test(character)) return MARK;
  if (/[\0-\x08\x0e-\x1f\x7f]/.test(character)) return NOTHING;
  return character === '@' ? SIGN : BREAK;
}
const CLUES = Uint8Array.from({ length: 256 }, (_, byte) => clueOf(byte));
const [MINUS, UNDERSCORE] = [0x2d, 0x5f];

/** What the second byte says of a character whose first one is of `FORMS`: most are letters, signs and emoji all the same. */
function formOf(first: number, second: number): number {
  switch (first) {
    case 0xc2: // raised 2, 3, 1
      return second === 0xb2 || second === 0xb3 || second === 0xb9 ? DIGIT : NOTHING;
    case 0xe2: // raised, lowered, in circles
      return second === 0x81 || second === 0x82 || second === 0x91 || second === 0x93 ? DIGIT : NOTHING;
    case 0xef: // full-width and small forms: anything, also a sign of e-mail
      return second === 0xbc || second === 0xbd || second === 0xb9 ? SIGN : NOTHING;
    case 0xf0: // emoji
      return second === 0x9f ? NOTHING : DIGIT;
    default:
      return DIGIT;
  }
}

/** What stands in brackets for the sign, in small letters, and what ends it. */
const [SPACE, LETTER_A, LETTER_E, LETTER_T] = [0x20, 0x61, 0x65, 0x74];
const ENDS: ReadonlySet<number> = new Set([0x29, 0x5d, 0x7d, 0x3e]);
const PARENTHESIS = 0x28;

/** Whether what follows a bracket is "at)", spaces aside, or may be: what is not plain ASCII is looked at more closely by the patterns. */
function spellsSign(bytes: Uint8Array, from: number, length: number): boolean {
  let letters = 0;
  for (let index = from; index < length; index++) {
    const byte = bytes[index] as number;
    if (byte < SPACE || byte >= 0x7f) return true;
    if (byte === SPACE) continue;
    if (letters === 2) return ENDS.has(byte);
    const letter = byte | SPACE;
    if (letters === 0 ? letter !== LETTER_A && letter !== LETTER_E : letter !== LETTER_T) return false;
    letters++;
  }
  return false;
}

/**
 * Whether a text, given as its bytes, can hold anything personal, which most cannot, so this is looked at first: a sign of
 * e-mail, also a spelled one, eight digits with no more than marks in between, or a long run of letters and digits. Characters that are not seen,
 * or may not be, part nothing: it may say yes too often, and never misses what the patterns would find.
 */
export function hasClue(bytes: Uint8Array, length: number): boolean {
  let [digits, letters, marks, index] = [0, 0, 0, 0];
  while (index < length) {
    const byte = bytes[index] as number;
    let clue = CLUES[byte] as number;
    if (clue === LETTER) {
      // Most of a text is letters: a word is passed in one go.
      const start = index;
      do index++;
      while (index < length && CLUES[bytes[index] as number] === LETTER);
      letters += index - start;
      if (letters >= LETTERS) return true;
      digits = 0;
      continue;
    }
    if (clue === FORM) clue = formOf(byte, bytes[index + 1] as number);
    index++;
    if (clue === MARK) {
      // Base64 for addresses has both of them for letters.
      if (byte !== MINUS && byte !== UNDERSCORE) letters = 0;
      else if (++letters >= LETTERS) return true;
      if (++marks > MARK_LENGTH) digits = 0;
    } else if (clue === DIGIT) {
      if (++digits >= DIGITS || ++letters >= LETTERS) return true;
      marks = 0;
    } else if (clue === SIGN) return true;
    else if (clue === OPEN) {
      if (spellsSign(bytes, index, length)) return true;
      letters = 0;
      // Of all brackets only this one stands within numbers.
      if (byte !== PARENTHESIS || ++marks > MARK_LENGTH) digits = 0;
    } else if (clue === BREAK) {
      digits = 0;
      letters = 0;
    }
  }
  return false;
}
