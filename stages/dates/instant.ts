/** `2025-12-07 08:10:14`, with T, without seconds, with a fraction, with a zone; a day alone. Without a zone it is UTC. */
const ISO_LIKE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
const EPOCH = /^\d{10}(\d{3})?(\.\d+)?$/;

function instant(milliseconds: number): string | null {
  if (!Number.isFinite(milliseconds) || Math.abs(milliseconds) > 8.64e15) return null;
  const text = new Date(milliseconds).toISOString();
  return text.length === 24 ? `${text.slice(0, 19)}Z` : null;
}

/** An instant with whole seconds, or null for what is no date: `validate` judges how many may be missing. */
export function parseInstant(text: string): string | null {
  const trimmed = text.trim();
  const parts = ISO_LIKE.exec(trimmed);
  if (parts !== null) {
    const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = parts;
    const offset = zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
    const parsed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
    // 31 February parses into March: the day must be one that its month has.
    const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
    return Number(day) <= lastDay ? instant(parsed) : null;
  }
  if (EPOCH.test(trimmed)) return instant(Number(trimmed) * (trimmed.split('.')[0]?.length === 13 ? 1 : 1000));
  return null;
}
