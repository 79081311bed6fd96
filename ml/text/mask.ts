import { createBytes } from './bytes.ts';

/** Personal data that is taken out of texts. The order is that of looking: what one kind takes is not looked at by the next. */
export const MASK_KINDS = ['email', 'wallet', 'card', 'phone'] as const;
export type MaskKind = (typeof MASK_KINDS)[number];

export interface Masked {
  readonly text: string;
  /** How many were found, by kind. */
  readonly counts: Readonly<Record<MaskKind, number>>;
}

const NONE: Masked['counts'] = { email: 0, wallet: 0, card: 0, phone: 0 };

/**
 * All patterns take bounded pieces between boundaries, so that no text makes them look twice at the same place for long.
 * E-mail after RFC 5321's lengths: 64 before the sign, labels of 63 after it.
 */
const EMAIL = /(?<![\w.+%-])[\w.+%-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w-])/giu;

/**
 * Addresses of wallets: Ethereum and its kind (and transaction hashes, 64 digits), Bitcoin (base58 with 1 or 3 in front, and
 * bech32), Tron (T and 33 more); Solana's and others are any base58 of 43 or 44 characters with digits and both cases.
 */
const WALLET = /(?<![A-Za-z0-9])(?:0x[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?|bc1[02-9ac-hj-np-z]{11,71}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33}|[1-9A-HJ-NP-Za-km-z]{43,44})(?![A-Za-z0-9])/g;

/** Runs of digits as people write numbers of phones, cards and amounts: single spaces, dots, dashes, brackets in between. */
const DIGITS = /(?:\+\s?|(?<![\p{L}\p{N}.,])\(?)\d(?:[ .()\-\u2010-\u2015]{0,2}\d){7,22}(?![\p{L}\p{N}]|[.,]\d)/gu;

/** Base58 by chance (a long word, a shout) has not all three of small and capital letters and digits. */
function isMixed(text: string): boolean {
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text);
}

/** Luhn's sum, as on payment cards (ISO/IEC 7812-1). */
function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    let digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    if (index % 2 === 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 === 0;
}

/** 1.500.000, +1.00.000.000 or 20 000 000: groups of three (by mistake two) after the first, which phone numbers are not written in. */
const AMOUNT = /^\+?\d{1,3}(?:[. ]\d{2,3})+$/;

function isCard(digits: string): boolean {
  return digits.length >= 13 && digits.length <= 19 && /^[3-6]/.test(digits) && isLuhn(digits);
}

/**
 * Indonesian numbers: 08… with 9 to 13 digits, 62 8… with or without plus, area codes 02… to 09…; any other country only with
 * its plus (ITU-T E.164: at most 15 digits).
 */
function isPhone(written: string, digits: string): boolean {
  if (AMOUNT.test(written)) return false;
  if (/^\s*\+/.test(written)) return digits.length >= 8 && digits.length <= 15;
  if (/^628\d{7,12}$/.test(digits)) return true;
  return /^0[2-9]\d{7,11}$/.test(digits);
}

/** So many letters and digits in a row are the shortest address of a wallet. */
const ADDRESS_LENGTH = 26;

/** What a byte is to `hasClue`. A character beyond ASCII may be a dash between digits: its first byte counts as a mark, the others as nothing. */
const [OTHER, DIGIT, LETTER, SEPARATOR, SIGN, FOLLOWING] = [0, 1, 2, 3, 4, 5];

function clueOf(byte: number): number {
  if (byte >= 0xc0) return SEPARATOR;
  if (byte >= 0x80) return FOLLOWING;
  const character = String.fromCharCode(byte);
  if (/[0-9]/.test(character)) return DIGIT;
  if (/[A-Za-z]/.test(character)) return LETTER;
  return /[ .()/-]/.test(character) ? SEPARATOR : character === '@' ? SIGN : OTHER;
}
const CLUES = Uint8Array.from({ length: 256 }, (_, byte) => clueOf(byte));

/**
 * Whether a text, given as its bytes, can hold anything to mask, which most cannot, so this is looked at first: a sign of e-mail,
 * four digits in a row, digits with one or two marks between them, or a long run of letters and digits.
 */
function hasClue(bytes: Uint8Array, length: number): boolean {
  let [digits, letters, marks] = [0, 0, 3];
  for (let index = 0; index < length; index++) {
    const clue = CLUES[bytes[index] as number];
    if (clue === LETTER) {
      if (++letters >= ADDRESS_LENGTH) return true;
      digits = 0;
      marks = 3;
    } else if (clue === DIGIT) {
      if (++digits >= 4 || ++letters >= ADDRESS_LENGTH || marks === 1 || marks === 2) return true;
      marks = 0;
    } else if (clue === SIGN) return true;
    else if (clue !== FOLLOWING) {
      marks = clue === SEPARATOR ? marks + 1 : 3;
      digits = 0;
      letters = 0;
    }
  }
  return false;
}

const looked = createBytes();

/**
 * Takes personal data out of a text: `[email]`, `[phone]`, `[wallet]`, `[card]` in its place, which survive cleaning as one
 * word each and are never masked again. Amounts, years, versions and order numbers stay.
 */
export function maskPersonal(text: string, kinds: readonly MaskKind[]): Masked {
  if (kinds.length === 0) return { text, counts: NONE };
  const length = looked.load(text);
  if (length !== -1 && !hasClue(looked.bytes, length)) return { text, counts: NONE };
  const counts = { ...NONE };
  const take = (kind: MaskKind): string => {
    counts[kind]++;
    return `[${kind}]`;
  };
  let rest = text;
  if (kinds.includes('email')) rest = rest.replace(EMAIL, () => take('email'));
  if (kinds.includes('wallet')) rest = rest.replace(WALLET, (found) => (isMixed(found) || /^(?:0x|bc1)/.test(found) ? take('wallet') : found));
  const cards = kinds.includes('card');
  const phones = kinds.includes('phone');
  if (cards || phones) {
    rest = rest.replace(DIGITS, (found) => {
      const digits = found.replaceAll(/\D/g, '');
      if (cards && isCard(digits)) return take('card');
      return phones && isPhone(found, digits) ? take('phone') : found;
    });
  }
  return { text: rest, counts };
}
