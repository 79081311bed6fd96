const SLOTS = 1 << 17;
/** Words that are kept; a language's everyday ones are among the first met. What comes after is made anew each time. */
const WORDS_MAX = 1 << 15;
const LENGTH_MAX = 24;
/** So many neighbours are looked at: text that was made to collide costs no more than this. */
const PROBES_MAX = 8;

function isAt(word: string, text: string, from: number): boolean {
  for (let index = 0; index < word.length; index++) if (word.charCodeAt(index) !== text.charCodeAt(from + index)) return false;
  return true;
}

/** FNV-1a of the character codes of a part of a text. */
function hashOf(text: string, from: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let index = from; index < end; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

/**
 * Remembers what `make` gave for a word, found by its place in a text, so that of a word that was met before nothing is cut
 * out or looked up again. `make` must depend on the word alone. Bounded in words and in time (open addressing).
 */
export function createMemo<T>(make: (word: string) => T): (text: string, from: number, end: number) => T {
  const places = new Int32Array(SLOTS);
  const words: string[] = [];
  const made: T[] = [];
  return (text, from, end) => {
    const length = end - from;
    if (length > LENGTH_MAX) return make(text.slice(from, end));
    const hash = hashOf(text, from, end);
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const place = (places[slot] ?? 0) - 1;
      if (place === -1) {
        const word = text.slice(from, end);
        const value = make(word);
        if (words.length < WORDS_MAX) {
          words.push(word);
          made.push(value);
          places[slot] = words.length;
        }
        return value;
      }
      const known = words[place];
      if (known !== undefined && known.length === length && isAt(known, text, from)) return made[place] as T;
      slot = (slot + 1) & (SLOTS - 1);
    }
    return make(text.slice(from, end));
  };
}
