/** What a document gives to the vectorizer. `tokens` for word n-grams, `text` for character n-grams. */
export interface Document {
  readonly text: string;
  readonly tokens: readonly string[];
}

type Range = readonly [number, number];

/** Word n-grams, joined by a space: scikit-learn's `analyzer='word'` on the same tokens. */
export function eachWordGram(tokens: readonly string[], [from, to]: Range, use: (gram: string) => void): void {
  for (let n = from; n <= to; n++) {
    for (let start = 0; start + n <= tokens.length; start++) use(n === 1 ? (tokens[start] ?? '') : tokens.slice(start, start + n).join(' '));
  }
}

/**
 * Character n-grams inside of words, each word with a space on both sides: scikit-learn's `analyzer='char_wb'`. A word
 * shorter than n gives itself once. Characters are code points.
 */
export function eachCharacterGram(text: string, [from, to]: Range, use: (gram: string) => void): void {
  for (const word of text.split(' ')) {
    if (word === '') continue;
    const padded = ` ${word} `;
    const points = /[\ud800-\udbff]/.test(padded) ? Array.from(padded) : undefined;
    const length = points?.length ?? padded.length;
    for (let n = from; n <= to; n++) {
      const last = Math.max(0, length - n);
      for (let start = 0; start <= last; start++) use(points === undefined ? padded.slice(start, start + n) : points.slice(start, start + n).join(''));
      if (length <= n) break;
    }
  }
}
