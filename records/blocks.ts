import { closeSync, openSync, writeSync } from 'node:fs';

const BLOCK_CHARACTERS = 1 << 20;

/** Writes texts to a file in blocks, so that a large one is never in memory as a whole. */
export function writeBlocks(file: string, texts: Iterable<string>): void {
  const descriptor = openSync(file, 'w');
  const flush = (text: string): void => {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
  };
  try {
    let block = '';
    for (const text of texts) {
      block += text;
      if (block.length < BLOCK_CHARACTERS) continue;
      flush(block);
      block = '';
    }
    flush(block);
  } finally {
    closeSync(descriptor);
  }
}
