import { MASK_KINDS, maskPersonal } from '../../ml/text/mask.ts';
import { nearestName, plain } from '../../records/nearest.ts';
import type { RecordsProblem } from '../../records/problem.ts';
import type { ColumnMap } from '../../schema/params.ts';

export type Field = keyof ColumnMap;

export const REQUIRED: readonly Field[] = ['id', 'at', 'rating', 'text'];

/**
 * Names that exports of reviews commonly use, besides those of collect.columns: of Play Console, of google-play-scraper for
 * Python and Node, and of tables that people keep. Compared without case, spaces and marks; the first that exists counts.
 */
const COMMON: Readonly<Record<Field, readonly string[]>> = {
  id: ['review id', 'uuid', 'id review', 'id ulasan', 'review link', 'url'],
  at: ['at', 'review date', 'review submit date and time', 'review submit millis since epoch', 'review last update date and time', 'date', 'datetime', 'date time', 'timestamp', 'created at', 'posted at', 'submitted at', 'tanggal', 'waktu'],
  rating: ['rating', 'star rating', 'stars', 'star', 'score', 'user rating', 'bintang', 'nilai'],
  text: ['text', 'review text', 'content', 'body', 'review body', 'review content', 'comment', 'comments', 'review', 'ulasan', 'komentar', 'isi ulasan'],
  app: ['app id', 'package name', 'package', 'app', 'application id'],
  thumbsUp: ['thumbs up', 'thumbs up count', 'likes', 'like count', 'helpful', 'helpful count'],
  version: ['version', 'app version name', 'app version', 'review created version', 'version name', 'versi'],
  reply: ['reply', 'reply text', 'reply content', 'developer reply text', 'developer reply', 'developer response', 'balasan'],
  repliedAt: ['replied at', 'reply date', 'reply at', 'developer reply date and time', 'developer reply millis since epoch', 'response date'],
  author: ['user name', 'author', 'author name', 'reviewer', 'reviewer name', 'nama pengguna'],
};

/** Where among the columns of a file a field may stand, best first. */
export interface Candidates {
  /** Under a name of collect.columns, as it is or in another spelling. */
  readonly named: readonly number[];
  /** Under a common name: only of a row that has none of the others. */
  readonly common: readonly number[];
}

/** A field that no column of the file holds is absent. */
export type Places = Readonly<Partial<Record<Field, Candidates>>>;

export type Mapped = { readonly ok: true; readonly places: Places } | { readonly ok: false; readonly problem: RecordsProblem };

const [NAME_LENGTH, NAME_WORDS] = [60, 6];

/** What no name of a column looks like: a number or a date, something personal, an id or link of the store, more than a few words. */
function isCellOfRow(text: string): boolean {
  if (/^[\d.,:/+\-TZ ]*\d[\d.,:/+\-TZ ]*$/.test(text) || /^gp:|:\/\/|[\r\n]|\p{Extended_Pictographic}/u.test(text)) return true;
  return text.length > NAME_LENGTH || text.split(/\s+/).length > NAME_WORDS || maskPersonal(text, MASK_KINDS).text !== text;
}

/**
 * Which columns of the file hold which field: those with a name of params as it is, then in any spelling, then with a common name.
 * More than one where a file is put together of two that name the same in other ways.
 */
export function mapColumns(columns: readonly string[], map: ColumnMap, shown: string): Mapped {
  const spelled = new Map(columns.map((name, index): [string, number] => [plain(name), index]).toReversed());
  const placesOf = (names: readonly string[], find: (name: string) => number | undefined): readonly number[] => names.flatMap((name) => find(name) ?? []);
  const places: Partial<Record<Field, Candidates>> = {};
  for (const [field, names] of Object.entries(map) as [Field, readonly string[]][]) {
    const exact = placesOf(names, (name) => (columns.includes(name) ? columns.indexOf(name) : undefined));
    const named = [...new Set([...exact, ...placesOf(names, (name) => spelled.get(plain(name)))])];
    const common = [...new Set(placesOf(COMMON[field], (name) => spelled.get(plain(name))))].filter((place) => !named.includes(place));
    if (named.length + common.length > 0) places[field] = { named, common };
    else if (REQUIRED.includes(field)) {
      // The first review of a file without names is nothing to show, on a terminal or in the record of the run.
      if (columns.some(isCellOfRow)) return { ok: false, problem: { kind: 'headerless', file: shown, column: names.join('" or "') } };
      const near = nearestName(names, columns);
      const remedy = `add the name of the column that holds it to collect.columns.${field} in params.yaml`;
      return { ok: false, problem: { kind: 'column', file: shown, column: names.join('" or "'), columns, remedy, ...(near === undefined ? {} : { hint: near }) } };
    }
  }
  return { ok: true, places };
}
