import { createRandom } from '../../ml/random.ts';

/** A review as the store has it. */
export interface Written {
  readonly id: string;
  readonly user: string;
  readonly stars: number;
  readonly text: string | null;
  /** Seconds since 1970. */
  readonly second: number;
  readonly nanos?: number;
  readonly thumbs?: number;
  readonly version?: string | null;
  readonly reply?: { readonly text: string; readonly second: number };
}

export type Row = readonly unknown[];

/** A row as it is on the wire. */
export function rowOf({ id, user, stars, text, second, nanos = 42, thumbs = 0, version = null, reply }: Written): Row {
  return [
    id, [user, [null, 2, null, [null, null, `https://play-lh.googleusercontent.com/${user.length}`]]], stars, null, text, [second, nanos], thumbs,
    reply === undefined ? null : ['Pintu', reply.text, [reply.second, 7]], null, null, version, null, [[['vaf_interface', [4]]]],
  ];
}

export const NASTY_TEXTS = ['👨\u200d👩\u200d👧 mantap', '\u202Egnadabur', 'a\0b', 'half \ud83d', '<img src=x onerror=alert(1)>', 'kata "kutip", koma\ndan baris', "'; drop table review; --", '=HYPERLINK("x")', '', 'wa 081234567890'];
/** Names and texts as short as the words of the protocol. */
const SHORT: readonly (readonly [string, string])[] = [['Budi', 'bagus'], ['Siti', 'jelek'], ['Agus', 'oke.'], ['er', 'di'], ['Ani', '{"a":"rusak"}'], ['Eko', '["lemot"]']];
const NEWEST = Date.UTC(2026, 5, 30) / 1000;

/** So many reviews, one an hour back from 30 June 2026, some of them nasty. */
export function writtenReviews(count: number, prefix = 'gp:AOq'): Written[] {
  const random = createRandom(`${prefix}${count}`);
  return Array.from({ length: count }, (_, index): Written => ({
    id: `${prefix}${index}`, user: `Pengguna Rahasia ${index}`, stars: 1 + random.integer(5), text: random.next() < 0.1 ? random.pick(NASTY_TEXTS) : `ulasan nomor ${index}`,
    second: NEWEST - index * 3600, nanos: random.integer(1_000_000_000), thumbs: random.integer(5), version: random.next() < 0.2 ? null : '4.2.0',
    ...(random.next() < 0.2 ? { reply: { text: 'terima kasih', second: NEWEST - index * 3600 + 60 } } : {}),
  }));
}

/** So many reviews of people with short names and little to say. */
export function shortReviews(count: number): Written[] {
  return writtenReviews(count, 'gp:s').map((written, index) => {
    const [user = '', text = ''] = SHORT[index % SHORT.length] ?? [];
    return { ...written, user, text, version: '4.2.0' };
  });
}
