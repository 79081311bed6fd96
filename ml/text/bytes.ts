/** Longer texts are read as they are: reviews so long are few. */
const BYTES_MAX = 1 << 14;

/** A text as its bytes in UTF-8, which are looked through several times as quickly as a string. */
export interface TextBytes {
  /** What `load` wrote; beyond its end stands what was there before. */
  readonly bytes: Uint8Array;
  /** Writes a text over the one before. Its number of bytes, which is its length where all of it is ASCII; -1 where it is too long. */
  load(text: string): number;
}

export function createBytes(): TextBytes {
  const bytes = new Uint8Array(BYTES_MAX);
  const encoder = new TextEncoder();
  return {
    bytes,
    load(text) {
      if (text.length > BYTES_MAX) return -1;
      const { read, written } = encoder.encodeInto(text, bytes);
      return read === text.length ? written : -1;
    },
  };
}
