import { ZONE, instantOf, offsetOf, parseInstant } from './instant.ts';

/** A column of dates as instants, null where there is none. */
export interface ReadDates {
  readonly instants: readonly (string | null)[];
  /** How many are dates such as 8/12/2025, of which nothing in the column says whether the day or the month comes first. */
  readonly undecided: number;
}

type Order = 'day first' | 'month first';

const MONTHS: readonly string[] = [
  'january januari jan', 'february februari pebruari feb peb', 'march maret mar mrt', 'april apr', 'may mei', 'june juni jun', 'july juli jul', 'august agustus aug agu ags agt',
  'september sept sep', 'october oktober oct okt', 'november nopember nov nop', 'december desember dec des',
];
const MONTH: ReadonlyMap<string, number> = new Map(MONTHS.flatMap((names, index) => names.split(' ').map((name): [string, number] => [name, index + 1])));

const TIME = String.raw`(?:[ T,]+(?:pukul |at )?(?<hour>\d{1,2})[:.](?<minute>\d{2})(?:[:.](?<second>\d{2})(?:\.\d+)?)?\s*(?<half>[ap]\.?m\.?)?\s*(?<zone>${ZONE})?)?`;
/** Of two digits where a spreadsheet's short form has no more: of this century, in which all reviews are. */
const YEAR = String.raw`(?<year>\d{4}|\d{2})`;
const WEEKDAY = String.raw`(?:\p{L}+,\s*)?`;
const NUMERIC = new RegExp(`^(?<first>\\d{1,2})(?<mark>[/.-])(?<other>\\d{1,2})\\k<mark>${YEAR}${TIME}$`, 'iu');
const YEAR_FIRST = new RegExp(`^(?<year>\\d{4})[/.-](?<month>\\d{1,2})[/.](?<day>\\d{1,2})${TIME}$`, 'iu');
const DAY_THEN_NAME = new RegExp(`^${WEEKDAY}(?<day>\\d{1,2})(?:st|nd|rd|th)?[ /-](?<name>\\p{L}{3,9})\\.?,?[ /-]${YEAR}${TIME}$`, 'iu');
const NAME_THEN_DAY = new RegExp(`^${WEEKDAY}(?<name>\\p{L}{3,9})\\.? (?<day>\\d{1,2})(?:st|nd|rd|th)?,? (?<year>\\d{4})${TIME}$`, 'iu');

const CENTURY = 2000;

type Groups = Readonly<Record<string, string | undefined>>;

function build(month: number, day: number, groups: Groups): string | null {
  const { year = '', hour = '0', minute = '0', second = '0', half, zone = '' } = groups;
  const afternoon = half?.toLowerCase().startsWith('p') ?? false;
  if (half !== undefined && (Number(hour) < 1 || Number(hour) > 12)) return null;
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (afternoon ? 12 : 0);
  return instantOf({ year: Number(year) + (year.length === 2 ? CENTURY : 0), month, day, hour: hours, minute: Number(minute), second: Number(second), offset: offsetOf(zone) });
}

/** Dates that say by themselves which is the month: by its name, or by the year in front. */
function parseNamed(text: string): string | null {
  const named = (DAY_THEN_NAME.exec(text) ?? NAME_THEN_DAY.exec(text))?.groups;
  if (named !== undefined) return build(MONTH.get(named['name']?.toLowerCase() ?? '') ?? 0, Number(named['day']), named);
  const ordered = YEAR_FIRST.exec(text)?.groups;
  return ordered === undefined ? null : build(Number(ordered['month']), Number(ordered['day']), ordered);
}

interface Numeric {
  readonly first: number;
  readonly second: number;
  readonly groups: Groups;
  /** What the date itself says; undefined where both could be the month. */
  readonly order: Order | undefined;
}

function parseNumeric(text: string): Numeric | undefined {
  const groups = NUMERIC.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const [first, second] = [Number(groups['first']), Number(groups['other'])];
  // With dots the day is written first wherever dots are used; where both are equal the order makes no difference.
  const order = groups['mark'] === '.' || first > 12 || first === second ? 'day first' : second > 12 ? 'month first' : undefined;
  return { first, second, groups, order };
}

/**
 * Dates as people and programs write them: ISO, seconds since 1970 (or thousandths and so on), `8 Desember 2025`, `07-Dec-25`,
 * `Dec 8, 2025 10:00 PM`, `2025/12/08`, `8.12.2025`, and `8/12/2025` or `8/12/25` where a date of the same column with a day above 12 shows the order. A column
 * that shows both orders, or neither, leaves the doubtful ones null. Without a zone it is UTC.
 */
export function parseDates(texts: readonly (string | null)[]): ReadDates {
  const seen = new Set<Order>();
  const numeric = new Map<number, Numeric>();
  const instants = texts.map((text, index): string | null => {
    if (text === null) return null;
    const known = parseInstant(text);
    if (known !== null) return known;
    const trimmed = text.trim();
    const parts = parseNumeric(trimmed);
    if (parts === undefined) return parseNamed(trimmed);
    numeric.set(index, parts);
    const { order, first, second } = parts;
    if (order !== undefined && first !== second && parts.groups['mark'] !== '.') seen.add(order);
    return null;
  });
  const [only] = seen.size === 1 ? seen : [];
  let undecided = 0;
  for (const [index, { first, second, groups, order = only }] of numeric) {
    if (order === undefined) undecided++;
    else instants[index] = order === 'day first' ? build(second, first, groups) : build(first, second, groups);
  }
  return { instants, undecided };
}
