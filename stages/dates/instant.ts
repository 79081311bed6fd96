/** `2025-12-07 08:10:14`, with T, without seconds, with a fraction, with a zone; a day alone. Without a zone it is UTC. */
const ISO_LIKE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?$/i;
const EPOCH = /^\d{10}(\d{3})?(\.\d+)?$/;
const MINUTE_MS = 60_000;

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

/** Minutes ahead of UTC of `Z`, `+07:00` or `-0330`. */
export function offsetOf(zone: string): number {
  const parts = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  return parts === null ? 0 : (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3]));
}

const [ZERO, DASH, COLON, LETTER_T, LETTER_Z, SPACE] = [48, 45, 58, 84, 90, 32];
const LAST_DAY_OF_ALL = 28;

/** A number of two digits, NaN where there is none. */
function two(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - ZERO, text.charCodeAt(at + 1) - ZERO];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** `2025-12-07 08:10:14` and `2025-12-07T08:10:14Z`, which nearly all files have, without any calendar; undefined for the rest. */
function usual(text: string): string | undefined {
  if (text.length !== 19 && !(text.length === 20 && text.charCodeAt(19) === LETTER_Z)) return undefined;
  const between = text.charCodeAt(10);
  if ((between !== SPACE && between !== LETTER_T) || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return undefined;
  const [month, day] = [two(text, 5), two(text, 8)];
  const isDay = two(text, 0) >= 1 && two(text, 2) >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= LAST_DAY_OF_ALL;
  const isTime = two(text, 11) <= 23 && two(text, 14) <= 59 && two(text, 17) <= 59;
  return isDay && isTime ? `${text.slice(0, 10)}T${text.slice(11, 19)}Z` : undefined;
}

/** An instant with whole seconds, or null for what is no date: `validate` judges how many may be missing. */
export function parseInstant(text: string): string | null {
  const trimmed = text.trim();
  const plain = usual(trimmed);
  if (plain !== undefined) return plain;
  const parts = ISO_LIKE.exec(trimmed);
  if (parts !== null) {
    const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = parts;
    return instantOf({ year: Number(year), month: Number(month), day: Number(day), hour: Number(hour), minute: Number(minute), second: Number(second), offset: offsetOf(zone) });
  }
  if (EPOCH.test(trimmed)) return instant(Number(trimmed) * (trimmed.split('.')[0]?.length === 13 ? 1 : 1000));
  return null;
}
