import type { Span } from './addresses.ts';
import { amountLength, dateLength, groupsOf, runFrom } from './groups.ts';
import type { Group, Run } from './groups.ts';

const DIGITS_MAX = 19;

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

/** Networks by their first digits: 3 to 6, and 2221 to 2720, which are of 16 digits. */
function isCard(digits: string): boolean {
  if (digits.length < 13 || digits.length > DIGITS_MAX || !isLuhn(digits)) return false;
  return /^[3-6]/.test(digits) || (digits.length === 16 && digits >= '2221' && digits < '2721');
}

/** How many groups are a card: but for the last, each has four digits or more. */
function cardLength({ digits }: Run): number {
  let all = '';
  for (let length = 1; ; length++) {
    const last = digits(length - 1);
    all += last;
    if (isCard(all)) return length;
    if (last.length < 4 || all.length > DIGITS_MAX) return 0;
  }
}

/**
 * Indonesian numbers: 08… with 9 to 13 digits (080… is of call centres, or opening hours), area codes 02… to 09…, 62 8… with or
 * without plus, 0062…; any other country only with its plus (ITU-T E.164: at most 15 digits).
 */
const INDONESIAN = /^(?:0(?:[2-79]\d|8[1-9])\d{6,10}|620?8[1-9]\d{6,11}|00620?[2-9]\d{7,11})$/;
const WITH_PLUS = /^(?:62\d{8,13}|(?!62)[1-9]\d{7,14})$/;
const isIndonesian = (digits: string): boolean => INDONESIAN.test(digits);

/** So many digits in one group are a number of their own: what follows is another one. */
const WHOLE = 10;

/** How many groups are a phone number: as many as can be. */
function phoneLength({ digits, mark, plus, isFirst }: Run): number {
  let [all, best, isEven] = ['', 0, true];
  // Hours and days come in twos as well, but with all kinds of marks (08.15-17.00 24), or in a row of many (30 04 20 02 05 20).
  const inTwos = !plus && digits(0).length <= 2 && digits(0) !== '62';
  for (let length = 1; ; length++) {
    const last = digits(length - 1);
    all += last;
    if (last === '' || all.length > DIGITS_MAX) return best;
    isEven &&= length < 3 || mark(length - 1) === mark(1);
    const isNumber = (plus && WITH_PLUS.test(all)) || (isIndonesian(all) && (!inTwos || (isEven && isFirst && all.startsWith('08') && digits(length) === '')));
    if (isNumber) best = length;
    if (isNumber && length === 1 && all.length >= WHOLE) return 1;
  }
}

/** Prefixes of mobile numbers without their 0 (Kominfo's plan): 811 to 819, 821 to 823 and so on. */
const MOBILE = /^8(?:1[1-9]|2[1-3]|3[1-38]|5[1-35-9]|7[6-9]|8[1-9]|9[5-9])\d{6,9}$/;
/** Grouped as no amount is, with four digits somewhere: 812 3456 7890, 812-345-6789, 8123 4567 890. */
const GROUPED = /^(?:3,(?:3,[45]|4,[345])|4,4,[34])$/;
/** What stands before a number that has nothing to tell it by, but that it is to be called. */
const CALLED = /(?<![\p{L}\p{N}])(?:wa|whatsapp|hp|handphone|telp?|tlp|tlpn|telpon|telepon|phone|sms)(?:\W{1,2}(?:saya|sy|aku|ku|gw|gue|my|no|nomor|nomer))?\W{0,3}$/iu;
const MONEY = /(?:rp|idr|usd|[$€£])\.?\s?$/iu;
const MONEY_BEHIND = /^\s?(?:rp|rupiah|perak|idr|usd|usdt|dol+ars?|koin|coins?|poin|points?)(?![\p{L}\p{N}])/iu;
/** What stands before a number that names something else than a person. */
const NAMED = /(?<!\p{L})(?:order|pesanan|orderan|inv|invoice|ref|referensi|resi|trx|txid|transaksi|transaction|kode|code|error|eror|otp|pin|saldo|balance|rek|rekening|tiket|ticket|id)(?:\s(?:no|nomor|nomer|number|id|saya))?\W{0,3}$/iu;
const BEFORE_LENGTH = 24;

/** How many groups are a mobile number without its 0, by what stands before and behind them. */
function mobileLength({ digits, mark, plus, isFirst }: Run, { before, behind }: About): number {
  if (plus || !isFirst) return 0;
  const groups = [digits(0), digits(1), digits(2)].filter((group) => group !== '');
  const { length } = groups;
  if (!MOBILE.test(groups.join('')) || digits(length) !== '') return 0;
  if (length === 1) return CALLED.test(before()) ? 1 : 0;
  const isGrouped = GROUPED.test(groups.map((group) => group.length).join()) && mark(2).trim() === mark(1).replace(')', '').trim();
  return isGrouped && !MONEY.test(before()) && !NAMED.test(before()) && !MONEY_BEHIND.test(behind(3)) ? 3 : 0;
}

/** What touches the number of an order: INV/2025/0812345678, #0812345678. */
const ORDER = /(?:#|(?<!\p{L})(?:inv|invoice|ord|order|ref|resi|trx|tx|txid)[-/_#.:]?)(?:[0-9]+[-/_.])*$/iu;
const ORDER_LENGTH = 24;
const LETTER = /\p{L}/u;

export interface Wanted {
  readonly card: boolean;
  readonly phone: boolean;
}

export interface Numbered extends Span {
  readonly kind: 'card' | 'phone';
}

/** What stands about the number that is judged. */
interface About {
  readonly touches: (length: number) => boolean;
  readonly before: () => string;
  /** So many groups. */
  readonly behind: (length: number) => string;
}

interface Judged {
  /** Null: it is something else. */
  readonly kind: Numbered['kind'] | null;
  /** Groups of digits that it is made of. */
  readonly length: number;
}

function judge(run: Run, wanted: Wanted, about: About): Judged {
  const mobile = wanted.phone ? mobileLength(run, about) : 0;
  if (mobile > 0) return { kind: 'phone', length: mobile };
  const other = dateLength(run) || amountLength(run, isIndonesian);
  if (other > 0) return { kind: null, length: other };
  const card = wanted.card && !run.plus ? cardLength(run) : 0;
  if (card > 0 && !about.touches(card)) return { kind: 'card', length: card };
  const phone = wanted.phone ? phoneLength(run) : 0;
  return phone > 0 ? { kind: 'phone', length: phone } : { kind: null, length: 1 };
}

/** From its plus or bracket to its last digit. */
function spanOf(text: string, first: Group, last: Group): Span {
  const before = text.slice(Math.max(0, first.start - 2), first.start);
  const start = first.start - (/\+[ (]?$/.exec(before)?.[0].length ?? 0);
  const opens = text[start - 1] === '(' && text.slice(first.start, last.end).includes(')');
  return { start: opens ? start - 1 : start, end: last.end };
}

/** Cards and phone numbers, from the left to the right. Letters may touch a phone number ("wa0812…"), but not the letters of an order. */
export function findNumbers(text: string, wanted: Wanted): readonly Numbered[] {
  const groups = groupsOf(text);
  const found: Numbered[] = [];
  const isLetter = (place: number): boolean => LETTER.test(text.charAt(place));
  for (let from = 0; from < groups.length; ) {
    const first = groups[from] as Group;
    const plus = /\+[ (]?$/.test(text.slice(Math.max(0, first.start - 2), first.start));
    const lastOf = (length: number): Group => groups[from + length - 1] as Group;
    const { kind, length } = judge(runFrom(groups, from, plus), wanted, {
      touches: (cards) => isLetter(first.start - 1) || isLetter(lastOf(cards).end),
      before: () => text.slice(Math.max(0, first.start - BEFORE_LENGTH), first.start),
      behind: (length) => text.slice(lastOf(length).end, lastOf(length).end + BEFORE_LENGTH),
    });
    const isOrder = kind !== null && !plus && ORDER.test(text.slice(Math.max(0, first.start - ORDER_LENGTH), first.start));
    if (kind !== null && !isOrder) found.push({ kind, ...spanOf(text, first, lastOf(length)) });
    from += length;
  }
  return found;
}
