/** Arrays of numbers as base64 of their little-endian bytes, without Buffer: the browser has none. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Uint8Array(128);
for (let index = 0; index < ALPHABET.length; index++) VALUES[ALPHABET.charCodeAt(index)] = index;

export function encodeBytes(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const four = [18, 12, 6, 0].map((bit) => ALPHABET[(word >> bit) & 63] ?? '').join('');
    parts.push(at + 2 < bytes.length ? four : at + 1 < bytes.length ? `${four.slice(0, 3)}=` : `${four.slice(0, 2)}==`);
  }
  return parts.join('');
}

export function decodeBytes(text: string): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let at = 0, out = 0; at < text.length; at += 4) {
    const value = (offset: number): number => VALUES[text.charCodeAt(at + offset)] ?? 0;
    const word = (value(0) << 18) | (value(1) << 12) | (value(2) << 6) | value(3);
    for (const bit of [16, 8, 0]) if (out < bytes.length) bytes[out++] = (word >> bit) & 255;
  }
  return bytes;
}

function encode(length: number, write: (view: DataView, index: number) => void): string {
  const view = new DataView(new ArrayBuffer(length * 4));
  for (let index = 0; index < length; index++) write(view, index);
  return encodeBytes(new Uint8Array(view.buffer));
}

export function encodeFloats(values: ArrayLike<number>): string {
  return encode(values.length, (view, index) => view.setFloat32(index * 4, values[index] ?? 0, true));
}

export function encodeInts(values: ArrayLike<number>): string {
  return encode(values.length, (view, index) => view.setInt32(index * 4, values[index] ?? 0, true));
}

export function decodeFloats(text: string): Float32Array {
  const bytes = decodeBytes(text);
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
}

export function decodeInts(text: string): Int32Array {
  const bytes = decodeBytes(text);
  const view = new DataView(bytes.buffer);
  return Int32Array.from({ length: bytes.length / 4 }, (_, index) => view.getInt32(index * 4, true));
}
