/**
 * Words that praise or blame by themselves, in Indonesian and English, as they are used in reviews of apps. Small on purpose:
 * it finds texts that say clearly the opposite of their stars, it does not classify. Slang in its full form too.
 */
const POSITIVE = new Set(
  ('bagus mantap mantul keren hebat puas suka senang mudah gampang cepat lancar membantu terbantu terbaik recommended rekomendasi memuaskan nyaman aman terpercaya ramah sukses ' +
    'jos top oke good great nice excellent amazing awesome love best easy helpful fast smooth perfect recommend satisfied wonderful').split(' '),
);
const NEGATIVE = new Set(
  ('jelek buruk parah payah lambat lemot error eror gagal susah sulit ribet kecewa mengecewakan penipu penipuan nipu bohong hilang rugi bug lelet macet ngelag ' +
    'sampah kapok menyesal bad worst terrible horrible slow scam scammer fraud useless crash crashes bugs disappointed disappointing awful hate broken fake').split(' '),
);
const NEGATIONS = new Set('tidak tak bukan jangan belum kurang gak ga nggak ngga enggak tdk gk not no never dont doesnt didnt isnt wasnt cant cannot wont'.split(' '));

/** So many words after a negation are turned round. */
const REACH = 2;

/** What a word does to the opinion of a text: praise, nothing, blame; or it turns round what follows. */
export type Turn = 1 | 0 | -1 | 'negation';

export function turnOf(token: string): Turn {
  const word = token.includes("'") ? token.replaceAll("'", '') : token;
  if (NEGATIONS.has(word)) return 'negation';
  return POSITIVE.has(word) ? 1 : NEGATIVE.has(word) ? -1 : 0;
}

/** Clear praise minus clear blame of the words of a text, in order: each counts one, turned round after a negation. */
export function opinionOf(words: readonly { readonly turn: Turn }[]): number {
  let score = 0;
  let turned = 0;
  for (const { turn } of words) {
    if (turn === 'negation') turned = REACH + 1;
    else score += turned > 0 ? -turn : turn;
    if (turned > 0) turned--;
  }
  return score;
}
