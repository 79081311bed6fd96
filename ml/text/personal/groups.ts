import type { Span } from './addresses.ts';

/** Digits in a row. */
export interface Group extends Span {
  readonly digits: string;
  /** What parts it from the group before, where that is no more than people put within a number; else null. */
  readonly mark: string | null;
}

/** Single spaces, dots, commas, slashes, dashes and brackets in between. */
const MARK = /^(?:[.,/_]|[ ()\-\u2010-\u2015\u2212]{1,3})$/;
export const MARK_LENGTH = 3;

export function groupsOf(text: string): readonly Group[] {
  const groups: Group[] = [];
  let before = -MARK_LENGTH - 1;
  for (const { 0: digits, index: start } of text.matchAll(/[0-9]+/g)) {
    const between = start - before > MARK_LENGTH ? '' : text.slice(before, start);
    before = start + digits.length;
    groups.push({ digits, start, end: before, mark: MARK.test(between) ? between : null });
  }
  return groups;
}

/** The groups of a run from one of them on, counted from 0. */
export interface Run {
  /** Whether a plus stands before it. */
  readonly plus: boolean;
  /** Whether it is the first group of its run. */
  readonly isFirst: boolean;
  /** Digits of a group; empty behind the end of the run. */
  digits(ahead: number): string;
  /** What stands before a group; empty behind the end of the run. */
  mark(ahead: number): string;
}

export function runFrom(groups: readonly Group[], from: number, plus: boolean): Run {
  let known = 0;
  const isPart = (ahead: number): boolean => {
    while (known < ahead && (groups[from + known + 1]?.mark ?? null) !== null) known++;
    return ahead <= known;
  };
  return {
    plus,
    isFirst: groups[from]?.mark === null,
    digits: (ahead) => (isPart(ahead) ? (groups[from + ahead]?.digits ?? '') : ''),
    mark: (ahead) => (isPart(ahead) ? (groups[from + ahead]?.mark ?? '') : ''),
  };
}

const isYear = (digits: string): boolean => /^(?:19[7-9]|20[0-3])\d$/.test(digits);
const isShort = (digits: string): boolean => digits.length === 1 || digits.length === 2;

/** How many groups are a date, or a month and its year: 08-12-2025, 2025-08-12, 02 2024. */
export function dateLength({ digits, mark, plus }: Run): number {
  const [first, second, third] = [digits(0), digits(1), digits(2)];
  if (plus) return 0;
  if (isYear(first) && isShort(second) && isShort(third)) return 3;
  const length = isShort(first) && isShort(second) && isYear(third) ? 3 : isShort(first) && isYear(second) ? 2 : 0;
  // 08 12 2034 5678 goes on as it began.
  return length > 0 && digits(length).length === 4 && !isYear(digits(length)) && mark(length) === mark(1) ? 0 : length;
}

/** Up to 999 milliards: as amounts of money people write more digits only where the last are noughts. */
const AMOUNT_DIGITS = 12;
/** What has a plus and so many digits that are not round is no gain of ten milliards, but a number abroad. */
const FAR = 11;

/**
 * How many groups are an amount or a fraction: 1.500.000, 20 000 000, by mistake 1.00.000.000, 0.34567891. `isPhone` says what
 * its digits are else: 62 812 345 678 is an amount only where it is round, and so is what has a plus and spaces, or many digits. Nothing that
 * begins with 0 is one, but for a nought before a fraction.
 */
export function amountLength({ digits, mark, plus }: Run, isPhone: (digits: string) => boolean): number {
  const [first, second, sign] = [digits(0), digits(1), mark(1)];
  if (!/^(?:0|[1-9]\d{0,2})$/.test(first) || !/^[., ]$/.test(sign) || (plus && first === '62')) return 0;
  // "1.081234567890" is the first point of a list.
  if (sign !== ' ' && second.length > 3) return first !== '0' && second.length > 9 && isPhone(second) ? 0 : 2;
  let [length, twos] = [1, 0];
  while (mark(length) === sign && (digits(length).length === 3 || (digits(length).length === 2 && twos++ === 0))) length++;
  const last = digits(length - 1);
  if (first === '0' || length === 1 || last.length !== 3 || mark(length) === sign) return 0;
  const all = Array.from({ length }, (_, ahead) => digits(ahead)).join('');
  if (last !== '000' && (all.length > AMOUNT_DIGITS || (plus && (sign === ' ' || all.length >= FAR)) || isPhone(all))) return 0;
  // 1.500.000,50
  return /^[.,]$/.test(mark(length)) ? length + 1 : length;
}
