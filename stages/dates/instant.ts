/** `Z`, `WIB`, `+07:00`, `-0330`, `+07` as PostgreSQL writes it, `GMT+7`. */
export const ZONE = String.raw`Z|WIB|WITA|WIT|(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?|GMT|UTC`;
/** `2025-12-07 08:10:14`, with T, without seconds, with a fraction, with a zone; a day alone. Without a zone it is UTC. */
const ISO_LIKE = new RegExp(String.raw`^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(${ZONE})?)?$`, 'i');
/** Seconds since 1970, or thousandths, millionths, billionths of them. */
const EPOCH = /^(\d{10})(?:\d{3}){0,3}(?:\.\d+)?$/;
const MINUTE_MS = 60_000;

/** The zones of Indonesia, in minutes ahead of UTC. */
const ZONES: ReadonlyMap<string, number> = new Map([['WIB', 420], ['WITA', 480], ['WIT', 540]]);

function instant(milliseconds: number): string | null {
  if (!Number.isFinite(milliseconds) || Math.abs(milliseconds) > 8.64e15) return null;
  const text = new Date(milliseconds).toISOString();
  return text.length === 24 ? `${text.slice(0, 19)}Z` : null;
}

export interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Minutes by which the clock there is ahead of UTC. */
  readonly offset: number;
}

/** An instant with whole seconds, or null where the calendar or the clock has no such moment. */
export function instantOf({ year, month, day, hour, minute, second, offset }: Moment): string | null {
  if (hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // 31 February would roll over into March.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return instant(date.setUTCHours(hour, minute, second) - offset * MINUTE_MS);
}

/** Minutes ahead of UTC of a zone as `ZONE` has it. */
export function offsetOf(zone: string): number {
  const parts = /([+-])(\d{1,2}):?(\d{2})?$/.exec(zone);
  if (parts === null) return ZONES.get(zone.toUpperCase()) ?? 0;
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3] ?? 0));
}

const [ZERO, DASH, COLON, LETTER_T, LETTER_Z, SPACE] = [48, 45, 58, 84, 90, 32];
const LAST_DAY_OF_ALL = 28;

/** A number of two digits, NaN where there is none. */
function two(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - ZERO, text.charCodeAt(at + 1) - ZERO];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** `2025-12-07 08:10:14` and `2025-12-07T08:10:14Z`, which nearly all files have; the last days of a month are left to the calendar. */
function isUsual(text: string): boolean {
  if (text.length !== 19 && !(text.length === 20 && text.charCodeAt(19) === LETTER_Z)) return false;
  const between = text.charCodeAt(10);
  if ((between !== SPACE && between !== LETTER_T) || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return false;
  const [month, day] = [two(text, 5), two(text, 8)];
  const isDay = two(text, 0) >= 1 && two(text, 2) >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= LAST_DAY_OF_ALL;
  return isDay && two(text, 11) <= 23 && two(text, 14) <= 59 && two(text, 17) <= 59;
}

/** An instant with whole seconds, or null for what is no date: `validate` judges how many may be missing. */
export function parseInstant(text: string): string | null {
  const trimmed = text.trim();
  if (isUsual(trimmed)) return `${trimmed.slice(0, 10)}T${trimmed.slice(11, 19)}Z`;
  const parts = ISO_LIKE.exec(trimmed);
  if (parts !== null) {
    const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = parts;
    return instantOf({ year: Number(year), month: Number(month), day: Number(day), hour: Number(hour), minute: Number(minute), second: Number(second), offset: offsetOf(zone) });
  }
  // Whole seconds are all that is kept of it.
  const [, seconds] = EPOCH.exec(trimmed) ?? [];
  return seconds === undefined ? null : instant(Number(seconds) * 1000);
}

const DAY_MS = 86_400_000;

/** Days from 1970 to a date of the proleptic Gregorian calendar, by counting years from March (Hinnant, chrono-compatible date algorithms, 2013). */
function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const inEra = shifted - era * 400;
  const inYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + inEra * 365 + Math.floor(inEra / 4) - Math.floor(inEra / 100) + inYear - 719_468;
}

/** Milliseconds since 1970 of an instant, as Date.parse tells them, NaN for what is none: of the usual form without any calendar of the engine. */
export function millisecondsOf(at: string): number {
  if (at.charCodeAt(10) !== LETTER_T || at.length !== 20 || !isUsual(at)) return Date.parse(at);
  const day = dayNumber(two(at, 0) * 100 + two(at, 2), two(at, 5), two(at, 8));
  return day * DAY_MS + ((two(at, 11) * 60 + two(at, 14)) * 60 + two(at, 17)) * 1000;
}
