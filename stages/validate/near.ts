import { hash32 } from '../../ml/hash.ts';

/**
 * Near-duplicates by MinHash with banding (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3):
 * each text is a set of pairs of words; the smallest of each of 16 hashes over the set agree between two texts as often as
 * their sets overlap (Jaccard). Four bands of four: sets that overlap by 0.9 meet in a band with probability 0.99, by 0.5 with
 * 0.23, and whoever meets is compared exactly.
 */
const BANDS = 4;
const BAND = 4;
export const SIGNATURE = BANDS * BAND;

/** Shorter texts ("bagus sekali") are alike without being copied. */
const WORDS_MIN = 6;
const OVERLAP_MIN = 0.8;

/** Odd multipliers: of each a permutation of 32-bit numbers. */
const MULTIPLIERS = Int32Array.from({ length: SIGNATURE }, (_, index) => hash32(`near ${index}`, 1) | 1);

/** The hash by which a word takes part in signatures. */
export const wordHash = (word: string): number => hash32(word, 7) | 0;

/** Of two words in order, from their hashes, so that no pair has to be remembered; ends as MurmurHash3 does, which spreads near numbers. */
function pairHash(one: number, other: number): number {
  let hash = (Math.imul(one, 0x9e3779b1) + other) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Turns the order of numbers without a sign into that of numbers with one, which engines compare several times as quickly. */
const SIGN = 1 << 31;
const smallest = new Int32Array(SIGNATURE);

/** Writes the signature of a text into its row. */
export function sign(words: readonly { readonly hash: number }[], signatures: Uint32Array, row: number): void {
  if (words.length < WORDS_MIN) return;
  smallest.fill(~SIGN);
  let before = words[0]?.hash ?? 0;
  for (let index = 1; index < words.length; index++) {
    const hash = words[index]?.hash ?? 0;
    const pair = pairHash(before, hash);
    before = hash;
    for (let place = 0; place < SIGNATURE; place++) {
      const value = Math.imul(pair, MULTIPLIERS[place] as number) ^ SIGN;
      if (value < (smallest[place] as number)) smallest[place] = value;
    }
  }
  for (let place = 0; place < SIGNATURE; place++) signatures[row * SIGNATURE + place] = (smallest[place] as number) ^ SIGN;
}

function pairsOf(words: readonly string[]): ReadonlySet<string> {
  return new Set(words.slice(1).map((word, index) => `${words[index] ?? ''} ${word}`));
}

function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let both = 0;
  for (const pair of one) if (other.has(pair)) both++;
  return both / (one.size + other.size - both);
}

/** The first row that has the same numbers in a band, or the row itself where it is the first: by open addressing, without an object a row. */
function openBand(signatures: Uint32Array, rows: number, band: number): (row: number) => number {
  const size = 2 ** Math.ceil(Math.log2(rows * 2 + 2));
  const firsts = new Int32Array(size);
  const placeOf = (row: number): number => row * SIGNATURE + band * BAND;
  return (row) => {
    const place = placeOf(row);
    let hash = 0;
    for (let index = 0; index < BAND; index++) hash = pairHash(hash, signatures[place + index] ?? 0);
    for (let slot = hash & (size - 1); ; slot = (slot + 1) & (size - 1)) {
      const first = (firsts[slot] ?? 0) - 1;
      if (first === -1) {
        firsts[slot] = row + 1;
        return row;
      }
      const other = placeOf(first);
      let same = 0;
      while (same < BAND && signatures[other + same] === signatures[place + same]) same++;
      if (same === BAND) return first;
    }
  };
}

/** True for each row that nearly repeats an earlier one, without being the very same text. */
export function nearDuplicates(signatures: Uint32Array, rows: number, textOf: (row: number) => { readonly text: string; readonly words: readonly string[] }): readonly boolean[] {
  const near = Array.from({ length: rows }, () => false);
  for (let band = 0; band < BANDS; band++) {
    const firstLike = openBand(signatures, rows, band);
    for (let row = 0; row < rows; row++) {
      if (near[row] === true || signatures[row * SIGNATURE] === 0) continue;
      const before = firstLike(row);
      if (before === row) continue;
      const [one, other] = [textOf(before), textOf(row)];
      if (one.text !== other.text && overlap(pairsOf(one.words), pairsOf(other.words)) >= OVERLAP_MIN) near[row] = true;
    }
  }
  return near;
}
