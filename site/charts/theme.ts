import type { Config } from 'vega-lite';
import type { Locale } from '../wording/format.ts';

/** Colours are CSS variables, so that one drawing serves light, dark and print. Defined in assets/report.css. */
export const COLOURS = { negative: 'var(--negative)', neutral: 'var(--neutral)', positive: 'var(--positive)', accent: 'var(--accent)', muted: 'var(--muted)', line: 'var(--line)' } as const;

const FONT = 'system-ui, sans-serif';

/** What every chart looks like; its `locale` decides how numbers and months on the axes are written. */
export function configOf(locale: Locale): Config {
  const text = { labelColor: 'currentColor', titleColor: 'currentColor', labelFont: FONT, titleFont: FONT, labelFontSize: 11.5, titleFontSize: 11.5, labelLimit: 0, titleFontWeight: 'normal' } as const;
  return {
    background: 'transparent',
    font: FONT,
    view: { stroke: null },
    axis: { ...text, gridColor: COLOURS.line, domainColor: COLOURS.line, tickColor: COLOURS.line },
    legend: { ...text, orient: 'top', title: null, symbolType: 'square', padding: 0, offset: 8 },
    header: text,
    title: { color: 'currentColor', font: FONT, fontSize: 14, anchor: 'start' },
    text: { color: 'currentColor', font: FONT, fontSize: 12 },
    bar: { color: COLOURS.accent },
    line: { color: COLOURS.accent, strokeWidth: 2 },
    point: { color: COLOURS.accent },
    arc: { stroke: 'var(--surface)' },
    // Notebooks colour by label without saying how: in the order of their names, labels get the colours they have everywhere.
    range: { category: [COLOURS.negative, COLOURS.neutral, COLOURS.positive, 'var(--line)', COLOURS.muted] },
    mark: { color: COLOURS.accent },
    locale: localeOf(locale),
  };
}

const ENGLISH_MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const ENGLISH_DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['Januari', 'Februari', 'Maret', 'April', 'Mei', 'Juni', 'Juli', 'Agustus', 'September', 'Oktober', 'November', 'Desember'];
const DAYS = ['Minggu', 'Senin', 'Selasa', 'Rabu', 'Kamis', 'Jumat', 'Sabtu'];
const SHORT_MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'Mei', 'Jun', 'Jul', 'Agu', 'Sep', 'Okt', 'Nov', 'Des'];

const cut = (words: readonly string[]): string[] => words.map((word) => word.slice(0, 3));
type ChartLocale = NonNullable<Config['locale']>;
type TwelveWords = NonNullable<ChartLocale['time']>['months'];
type SevenWords = NonNullable<ChartLocale['time']>['days'];

/** 4.000 and Agu in Indonesian, 4,000 and Aug in English. */
function localeOf(name: Locale): ChartLocale {
  const [months, shortMonths, days] = name === 'en' ? [ENGLISH_MONTHS, cut(ENGLISH_MONTHS), ENGLISH_DAYS] : [MONTHS, SHORT_MONTHS, DAYS];
  return {
    number: { ...(name === 'en' ? { decimal: '.', thousands: ',' } : { decimal: ',', thousands: '.' }), grouping: [3], currency: ['', ''] },
    time: {
      dateTime: '%c', date: '%d/%m/%Y', time: '%H.%M', periods: ['AM', 'PM'],
      months: months as TwelveWords, shortMonths: shortMonths as TwelveWords, days: days as SevenWords, shortDays: cut(days) as SevenWords,
    },
  };
}
