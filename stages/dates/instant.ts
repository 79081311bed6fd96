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

const [ZERO, LETTER_T] = [48, 84];

/** A number of two digits. */
const two = (text: string, at: number): number => (text.charCodeAt(at) - ZERO) * 10 + (text.charCodeAt(at + 1) - ZERO);

/** `2025-12-07 08:10:14` and `2025-12-07T08:10:14Z`, which nearly all files have; the last days of a month, and the first century, are left to the calendar. */
const USUAL = /^(?!00)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ?$/;

/** An instant with whole seconds, or null for what is no date: `validate` judges how many may be missing. */
export function parseInstant(text: string): string | null {
  const trimmed = text.trim();
  if (USUAL.test(trimmed)) return `${trimmed.slice(0, 10)}T${trimmed.slice(11, 19)}Z`;
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
  if (at.charCodeAt(10) !== LETTER_T || at.length !== 20 || !USUAL.test(at)) return Date.parse(at);
  const day = dayNumber(two(at, 0) * 100 + two(at, 2), two(at, 5), two(at, 8));
  return day * DAY_MS + ((two(at, 11) * 60 + two(at, 14)) * 60 + two(at, 17)) * 1000;
}
