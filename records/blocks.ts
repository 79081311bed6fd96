import type { Hash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

/** A file to be written, and what takes in its bytes as they pass, where somebody wants to know their hash. */
export type Target = string | { readonly file: string; readonly hash: Hash };

const BLOCK_BYTES = 1 << 20;
/** Of a character of UTF-16 in UTF-8, at most. */
const BYTES_A_CHARACTER = 3;

/** Writes texts to a file in blocks, so that a large one is never in memory as a whole. */
export function writeBlocks(target: Target, texts: Iterable<string>): void {
  const { file, hash } = typeof target === 'string' ? { file: target, hash: undefined } : target;
  const descriptor = openSync(file, 'w');
  const write = (bytes: Uint8Array): void => {
    hash?.update(bytes);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
  };
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let used = 0;
  const flush = (): void => {
    write(block.subarray(0, used));
    used = 0;
  };
  try {
    for (const text of texts) {
      const needed = text.length * BYTES_A_CHARACTER;
      if (used + needed > BLOCK_BYTES) flush();
      if (needed > BLOCK_BYTES) write(Buffer.from(text));
      else used += block.write(text, used);
    }
    flush();
  } finally {
    closeSync(descriptor);
  }
}
