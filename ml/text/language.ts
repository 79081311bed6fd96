import type { Language } from '../../schema/app.ts';

/** Function words and everyday words that belong to one of the two languages only. */
const INDONESIAN = new Set(
  ('yang dan di ke dari untuk dengan ini itu tidak bisa saya kami kita aku sudah belum ada juga karena kalau tapi saja sangat lebih lagi jangan mau pada ' +
    'oleh agar supaya bagus mantap aplikasi aplikasinya mudah sulit susah lama cepat bantu membantu tolong mohon terima kasih kasih uang saldo akun ' +
    'gak ga nggak yg udah aja banget bgt sih nya dong deh kok kenapa bagaimana apa siapa mana jelek buruk masuk keluar daftar baik oke semoga terus ' +
    'sekali selalu pernah masih harus hanya cuma gagal error-nya ribet gampang keren suka cara biaya tarik beli jual pakai pake buat buka sama').split(' '),
);
const ENGLISH = new Set(
  ('the and to of is are was were it this that i my you your we they not no can cannot can\'t don\'t doesn\'t with for from on in at by as be have has had ' +
    'but so very good great nice bad app easy hard slow fast please help money account love like best worst ever never always after before when why ' +
    'how what who which will would could should just more too all only need use using used working work works keep update login crash support').split(' '),
);

/** Which of the two a word belongs to; one that is in both lists counts as Indonesian. */
export const KNOWN: ReadonlyMap<string, 'id' | 'en'> = new Map([...[...ENGLISH].map((word) => [word, 'en'] as const), ...[...INDONESIAN].map((word) => [word, 'id'] as const)]);

/** The least share of the known words that a second language needs for a text to count as mixed. */
const MIXED_SHARE = 0.25;

/**
 * The language of a text by its tokens: the share of everyday words of each. Texts without any known word are `other`
 * (names, emoji, other languages, single words), which is honest: one word is often both.
 */
export function detectLanguage(tokens: readonly string[]): Language {
  let indonesian = 0;
  let english = 0;
  for (const token of tokens) {
    const language = KNOWN.get(token);
    if (language === 'id') indonesian++;
    else if (language === 'en') english++;
  }
  return languageByCounts(indonesian, english);
}

/** The language of a text with so many everyday words of each. */
export function languageByCounts(indonesian: number, english: number): Language {
  const known = indonesian + english;
  if (known === 0) return 'other';
  if (Math.min(indonesian, english) / known >= MIXED_SHARE) return 'mixed';
  return indonesian >= english ? 'id' : 'en';
}
