import type { Random } from '../random.ts';

/** How people really type: short forms, slips, long vowels, capitals. */

const SHORT_FORMS: Readonly<Record<string, readonly string[]>> = {
  tidak: ['ga', 'gak', 'nggak', 'tdk', 'g', 'ngga'], sudah: ['udah', 'sdh', 'udh'], belum: ['blm', 'blom'], banget: ['bgt'], yang: ['yg'], dengan: ['dgn', 'dg'], untuk: ['utk', 'buat'], karena: ['krn', 'karna'], saja: ['aja', 'aj'],
  aplikasi: ['apk', 'app', 'aplikasinya', 'apl'], bagus: ['bgs', 'baguss'], terima: ['trima', 'makasih'], tolong: ['tlg', 'tlong'], saya: ['sy', 'gue', 'aku', 'gw'], uang: ['duit', 'uangnya'], verifikasi: ['verif', 'ferifikasi', 'verifikasinya'], bisa: ['bs', 'bisaa'],
  lama: ['lma', 'lamaaa'], jelek: ['jlek', 'jelekk'], terus: ['trs', 'trus'], masuk: ['msk'], please: ['pls', 'plz'], you: ['u'], because: ['bcs', 'coz'], kecewa: ['kcewa', 'kecewaa'], dibuka: ['dibukak'], padahal: ['pdhl'], sekali: ['skali', 'bgt'], tapi: ['tp', 'tpi'],
};
const NEIGHBOURS: Readonly<Record<string, string>> = { a: 'sq', i: 'uo', u: 'yi', e: 'rw', o: 'ip', n: 'mb', k: 'lj', s: 'ad', t: 'ry', r: 'te', m: 'n', g: 'fh', d: 'sf', l: 'k', b: 'vn', p: 'o' };

function slip(word: string, random: Random): string {
  if (word.length < 4) return word;
  const at = 1 + random.integer(word.length - 2);
  const letter = word[at] ?? '';
  switch (random.integer(4)) {
    case 0:
      return word.slice(0, at) + word.slice(at + 1);
    case 1:
      return word.slice(0, at) + (word[at + 1] ?? '') + letter + word.slice(at + 2);
    case 2:
      return word.slice(0, at) + random.pick([...(NEIGHBOURS[letter] ?? letter)]) + word.slice(at + 1);
    default:
      return word.slice(0, at) + letter + word.slice(at);
  }
}

const lengthen = (word: string, random: Random): string => word.replace(/[aiueo](?=[^aiueo]*$)/, (vowel) => vowel.repeat(2 + random.integer(5)));
const withoutVowels = (word: string): string => (word.length < 5 ? word : (word[0] ?? '') + word.slice(1).replaceAll(/[aiueo](?=.)/g, ''));

/** Each person types with a carelessness of their own, in [0, 1]. */
export function type(text: string, carelessness: number, random: Random): string {
  const words = text.split(' ').map((word) => {
    const roll = random.next();
    const forms = SHORT_FORMS[word];
    if (forms !== undefined && roll < 0.15 + carelessness * 0.6) return random.pick(forms);
    if (!/^[a-z]+$/.test(word)) return word;
    if (roll < carelessness * 0.1) return slip(word, random);
    if (roll < carelessness * 0.14) return lengthen(word, random);
    if (roll < carelessness * 0.17) return withoutVowels(word);
    return word;
  });
  const typed = words.join(' ').replaceAll(/ ([,.])/g, '$1');
  const style = random.next();
  if (style < 0.03) return typed.toUpperCase();
  if (style < 0.45) return typed.charAt(0).toUpperCase() + typed.slice(1);
  return typed;
}
