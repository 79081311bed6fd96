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
  // 31 February would roll over into March: the day must be one that its month has.
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  return instant(Date.UTC(year, month - 1, day, hour, minute, second) - offset * MINUTE_MS);
}

/** Minutes ahead of UTC of `Z`, `+07:00` or `-0330`. */
export function offsetOf(zone: string): number {
  const parts = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  return parts === null ? 0 : (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3]));
}

/** An instant with whole seconds, or null for what is no date: `validate` judges how many may be missing. */
export function parseInstant(text: string): string | null {
  const trimmed = text.trim();
  const parts = ISO_LIKE.exec(trimmed);
  if (parts !== null) {
    const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = parts;
    return instantOf({ year: Number(year), month: Number(month), day: Number(day), hour: Number(hour), minute: Number(minute), second: Number(second), offset: offsetOf(zone) });
  }
  if (EPOCH.test(trimmed)) return instant(Number(trimmed) * (trimmed.split('.')[0]?.length === 13 ? 1 : 1000));
  return null;
}
