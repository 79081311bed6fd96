import { createBytes } from './bytes.ts';
import { HASH_SEED, Memo, hashByte } from './memo.ts';
import type { Span } from './memo.ts';
import { CLASSES, JOINER, MARK, WORD } from './quick.ts';
import { classAt, endOfToken, isPair } from './scan.ts';

const QUESTION = 63;

/** Finds the end of the word of ASCII that begins at `span.from`, and the hash of its bytes. */
function takeWord(bytes: Uint8Array, length: number, span: Span): number {
  let at = span.from;
  let hash = HASH_SEED;
  for (; at < length; at++) {
    const byte = bytes[at] as number;
    const kind = CLASSES[byte];
    // What joins two parts ends a word that has no second part.
    if (kind !== WORD && !(kind === JOINER && at + 1 < length && CLASSES[bytes[at + 1] as number] === WORD)) break;
    hash = hashByte(hash, byte);
  }
  span.end = at;
  span.hash = hash;
  return at;
}

/**
 * Reads texts as words, of each of which `make` is asked once: it must depend on the word alone. A run of ! and ? is "?" where
 * there is one in it, else "!". Most texts are ASCII as a whole; they are read as bytes, the others by `scan.ts`.
 */
export class WordReader<T> {
  /** Of the text that was read last, so many as `read` said: what comes after them is older. */
  readonly found: T[] = [];
  readonly #make: (word: string) => T;
  readonly #text = createBytes();
  readonly #memo = new Memo<T>();
  readonly #asks: T;
  readonly #shouts: T;

  constructor(make: (word: string) => T) {
    this.#make = make;
    this.#asks = make('?');
    this.#shouts = make('!');
  }

  /** Puts the words of a normalised text into `found`, in order; their number. */
  read(text: string): number {
    return this.#text.load(text) === text.length ? this.#readBytes(text) : this.#readAny(text);
  }

  #readBytes(text: string): number {
    const { bytes } = this.#text;
    const { length } = text;
    const { found } = this;
    const span: Span = { from: 0, end: 0, hash: 0 };
    const make = (): T => this.#make(text.slice(span.from, span.end));
    let count = 0;
    for (let at = 0; at < length; ) {
      const kind = CLASSES[bytes[at] as number];
      if (kind === WORD) {
        span.from = at;
        at = takeWord(bytes, length, span);
        found[count++] = this.#memo.find(bytes, span, make);
      } else if (kind === MARK) {
        let asks = false;
        for (; at < length && CLASSES[bytes[at] as number] === MARK; at++) if (bytes[at] === QUESTION) asks = true;
        found[count++] = asks ? this.#asks : this.#shouts;
      } else at++;
    }
    return count;
  }

  #readAny(text: string): number {
    let count = 0;
    for (let at = 0; at < text.length; ) {
      const end = endOfToken(text, at);
      if (end === -1) {
        at += isPair(text, at) ? 2 : 1;
        continue;
      }
      const word = text.slice(at, end);
      this.found[count++] = classAt(text, at) !== MARK ? this.#memo.findText(word, this.#make) : word.includes('?') ? this.#asks : this.#shouts;
      at = end;
    }
    return count;
  }
}
