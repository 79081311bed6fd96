import type { Span } from './addresses.ts';

/** What is written for the sign so that programs overlook it, and for a dot: [at], (at), {@}, [dot], (titik). */
const SIGN = /[([{<]\s?(?:at|et|@)\s?[)\]}>]|@/gi;
const SPELLED_DOT = String.raw`\s?[([{<]\s?(?:dot|titik|\.)\s?[)\]}>]\s?`;
const LOOSE_DOT = String.raw`(?:\s{0,2}\.\s{0,2}|${SPELLED_DOT})`;
const LABEL = String.raw`[\p{L}\p{N}-]{1,63}`;
/** Whose addresses are known by the name alone: with these, spaces and a missing end leave no doubt. Elsewhere "@ mall. It is" looks the same. */
const PROVIDER = '(?:gmail|googlemail|yahoo|ymail|rocketmail|hotmail|outlook|icloud|protonmail)';

const loose = new RegExp(String.raw`${PROVIDER}(?:${LOOSE_DOT}com|${LOOSE_DOT}co${LOOSE_DOT}(?:id|uk|jp)|\.(?:co|id|net|me))(?![\p{L}\p{N}])`, 'iuy');
const spelled = new RegExp(String.raw`(?:${LABEL}\.){0,4}${LABEL}${SPELLED_DOT}(?:${LABEL}(?:\.|${SPELLED_DOT})){0,4}\p{L}{2,24}`, 'iuy');
/** A sentence may begin behind a dot without a space: "I was (at) home.Nice app". */
const plain = new RegExp(String.raw`(?:${LABEL}\.){1,8}(?:com|net|org|info|biz|edu|gov|mil|dev|app|tech|online|store|shop|site|[a-z]{2})(?![\p{L}\p{N}-])`, 'iuy');
const bare = new RegExp(String.raw`${PROVIDER}(?![\p{L}\p{N}-])`, 'iuy');

/** How a domain may go on behind each sign: brackets leave no doubt, and a sign that touches both sides nearly none. */
const [BEHIND_BRACKETS, BEHIND_SIGN, BEHIND_SPACES] = [[loose, spelled, plain, bare], [loose, spelled, bare], [loose, spelled]] as const;

const LOCAL = /[\p{L}\p{N}_.+%-]/u;
const SPACE = /\s/;
const SPACES_MAX = 2;

/** What stands before "@gmail.com" where only the kind of address is meant: "daftar pakai @gmail.com". */
const NO_NAMES: ReadonlySet<string> = new Set(
  'akhiran akun alamat atau bukan by cuma daftar dan dari dengan dg dgn di domain dr email e-mail from gmail hanya ke lewat login mail masuk me melalui memakai menggunakan my only or pake pakai pk punya selain the to untuk use using utk via with yang yg'.split(' '),
);

/** Past so many spaces as people put there, and no more. */
function past(text: string, at: number, step: 1 | -1): number {
  let place = at;
  for (let spaces = 0; spaces < SPACES_MAX && SPACE.test(text.charAt(step === 1 ? place : place - 1)); spaces++) place += step;
  return place;
}

/** Where the domain ends that begins at a place, by the first pattern that knows one; -1 where none does. */
function endOf(text: string, at: number, patterns: readonly RegExp[]): number {
  for (const pattern of patterns) {
    pattern.lastIndex = at;
    if (pattern.test(text)) return pattern.lastIndex;
  }
  return -1;
}

/**
 * E-mail addresses as people write them lest programs find them, or as a keyboard spaces them: budi[at]gmail[dot]com,
 * budi(at)kantor.co.id, budi @ gmail . com, budi@gmail. From each sign back and forth, as for plain ones, which are looked for first.
 */
export function findSpelled(text: string): readonly Span[] {
  const found: Span[] = [];
  let before = 0;
  SIGN.lastIndex = 0;
  for (let match = SIGN.exec(text); match !== null; match = SIGN.exec(text)) {
    const { 0: sign, index } = match;
    const [left, right] = [past(text, index, -1), past(text, index + sign.length, 1)];
    let start = left;
    while (start > before && LOCAL.test(text.charAt(start - 1))) start--;
    if (start === left) continue;
    const isApart = left < index;
    if (isApart && (left - start < 2 || NO_NAMES.has(text.slice(start, left).toLowerCase()))) continue;
    const patterns = sign !== '@' ? BEHIND_BRACKETS : isApart || right > index + 1 ? BEHIND_SPACES : BEHIND_SIGN;
    const end = endOf(text, right, patterns);
    if (end === -1) continue;
    found.push({ start, end });
    before = end;
  }
  return found;
}
