/** The languages of the report; the first is the one at its root. */
export const LOCALES = ['id', 'en'] as const;
export type Locale = (typeof LOCALES)[number];

const TAGS: Readonly<Record<Locale, string>> = { id: 'id-ID', en: 'en-GB' };

/** Numbers and dates as people of a language write them. All times are UTC. */
export interface Format {
  count(value: number): string;
  /** `0.2345` as `23,5%`. */
  share(value: number): string;
  /** A score in [0, 1] with three digits. */
  score(value: number): string;
  /** One digit after the point, for stars. */
  rating(value: number): string;
  /** With a sign, in percentage points. */
  points(value: number): string;
  /** Any number, at most three significant digits after the point. */
  number(value: number): string;
  seconds(value: number): string;
  /** From an ISO instant. */
  date(instant: string): string;
  dateTime(instant: string): string;
  /** From `2026-01`. */
  month(month: string): string;
}

export function formatOf(locale: Locale): Format {
  const tag = TAGS[locale];
  const numbers = (options: Intl.NumberFormatOptions): ((value: number) => string) => {
    const format = new Intl.NumberFormat(tag, options);
    return (value) => format.format(value);
  };
  const dates = (options: Intl.DateTimeFormatOptions): ((instant: string) => string) => {
    const format = new Intl.DateTimeFormat(tag, { timeZone: 'UTC', ...options });
    return (instant) => (Number.isNaN(Date.parse(instant)) ? instant : format.format(new Date(instant)));
  };
  const month = dates({ month: 'long', year: 'numeric' });
  const points = numbers({ minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' });
  const seconds = numbers({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return {
    count: numbers({ maximumFractionDigits: 0 }),
    share: numbers({ style: 'percent', maximumFractionDigits: 1 }),
    score: numbers({ minimumFractionDigits: 3, maximumFractionDigits: 3 }),
    rating: numbers({ minimumFractionDigits: 1, maximumFractionDigits: 2 }),
    points: (value) => points(value * 100),
    number: numbers({ maximumFractionDigits: 3 }),
    seconds: (value) => `${seconds(value)} ${locale === 'id' ? 'dtk' : 's'}`,
    date: dates({ day: 'numeric', month: 'short', year: 'numeric' }),
    dateTime: dates({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }),
    month: (value) => month(`${value}-01T00:00:00Z`),
  };
}
