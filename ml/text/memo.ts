import { createBytes } from './bytes.ts';

const SLOTS = 1 << 16;
/** Words that are kept; a language's everyday ones are among the first met. What comes after is made anew each time. */
const WORDS_MAX = 1 << 15;
const LENGTH_BITS = 5;
const LENGTH_MAX = (1 << LENGTH_BITS) - 1;
/** Of all words that are kept together. */
const BYTES_MAX = 1 << 19;
/** Words beyond ASCII that are kept; then all are forgotten. */
const OTHERS_MAX = 1 << 13;
/** So many neighbours are looked at: text that was made to collide costs no more than this. */
const PROBES_MAX = 8;

/** FNV-1a of bytes, one after the other. */
export const HASH_SEED = 0x811c9dc5 | 0;
export const hashByte = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);

/** Where a word stands among bytes. */
export interface Span {
  from: number;
  end: number;
  /** `hashByte` over its bytes. */
  hash: number;
}

/**
 * What was made of words, found by their bytes, so that of a word that was met before nothing is cut out or looked up again.
 * Bounded in words and in time (open addressing); the bytes of all words stand side by side.
 */
export class Memo<T> {
  readonly #slots = new Int32Array(SLOTS * 2);
  readonly #bytes = new Uint8Array(BYTES_MAX);
  readonly #made: T[] = [];
  readonly #others = new Map<string, T>();
  readonly #word = createBytes();
  #used = 0;

  /** What was made of a word of ASCII, or what `make` makes of it now. */
  find(bytes: Uint8Array, { from, end, hash }: Span, make: () => T): T {
    const length = end - from;
    if (length > LENGTH_MAX) return make();
    const slots = this.#slots;
    const kept = this.#bytes;
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const place = slots[slot * 2] as number;
      if (place === 0) return this.#keep(slot, bytes.subarray(from, end), make());
      const where = slots[slot * 2 + 1] as number;
      if ((where & LENGTH_MAX) === length) {
        const start = where >>> LENGTH_BITS;
        let same = 0;
        while (same < length && kept[start + same] === bytes[from + same]) same++;
        if (same === length) return this.#made[place - 1] as T;
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
    return make();
  }

  /** The same of a word that was cut out. A map of the engine takes a text into its table of names first: only words beyond ASCII go there. */
  findText(word: string, make: (word: string) => T): T {
    const { bytes } = this.#word;
    if (this.#word.load(word) === word.length) {
      let hash = HASH_SEED;
      for (let at = 0; at < word.length; at++) hash = hashByte(hash, bytes[at] as number);
      return this.find(bytes, { from: 0, end: word.length, hash }, () => make(word));
    }
    const known = this.#others.get(word);
    if (known !== undefined) return known;
    const value = make(word);
    if (this.#others.size >= OTHERS_MAX) this.#others.clear();
    if (word.length <= LENGTH_MAX) this.#others.set(word, value);
    return value;
  }

  #keep(slot: number, word: Uint8Array, value: T): T {
    if (this.#made.length < WORDS_MAX && this.#used + word.length <= BYTES_MAX) {
      this.#bytes.set(word, this.#used);
      this.#made.push(value);
      this.#slots[slot * 2] = this.#made.length;
      this.#slots[slot * 2 + 1] = (this.#used << LENGTH_BITS) | word.length;
      this.#used += word.length;
    }
    return value;
  }
}
