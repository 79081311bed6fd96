/**
 * A keyed hash of a text: MurmurHash3 (x86, 32 bit; Austin Appleby, public domain) over its UTF-16 code units, twice with
 * two seeds. The same in every engine; no cryptographic strength is meant.
 */
function murmur32(text: string, seed: number): number {
  let h = seed | 0;
  for (let index = 0; index < text.length; index++) {
    let k = Math.imul(text.charCodeAt(index), 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h ^= text.length * 2;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 32 bits of a text under a seed. */
export function hash32(text: string, seed: number): number {
  return murmur32(text, seed);
}

/** A text under a seed as a number in [0, 1), with 53 bits. */
export function hashShare(text: string, seed: number): number {
  const high = murmur32(text, seed) >>> 5;
  const low = murmur32(text, seed ^ 0x5bd1e995) >>> 6;
  return (high * 67108864 + low) / 9007199254740992;
}
