import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { closeSync, createReadStream, createWriteStream, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';

const SALT_BYTES = 16;
const HEAD_BYTES = SALT_BYTES + 12;
const TAG_BYTES = 16;

const keyOf = (secret: string, salt: Buffer): Buffer => scryptSync(secret, salt, 32);

/** Salt, IV, AES-256-GCM of the bytes, tag. */
export async function encrypt(from: string, to: string, secret: string): Promise<void> {
  const head = randomBytes(HEAD_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, head.subarray(0, SALT_BYTES)), head.subarray(SALT_BYTES));
  writeFileSync(to, head);
  await pipeline(createReadStream(from), cipher, createWriteStream(to, { flags: 'a' }));
  writeFileSync(to, cipher.getAuthTag(), { flag: 'a' });
}

/** Some bytes of a file that may be larger than memory. */
function piece(file: string, at: number, length: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(length);
    readSync(descriptor, bytes, 0, length, at);
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

/** False where the key is another one, or a byte was changed: what was written to `to` by then means nothing. */
export async function decrypt(from: string, to: string, secret: string): Promise<boolean> {
  const { size } = statSync(from);
  if (size <= HEAD_BYTES + TAG_BYTES) return false;
  const [head, tag] = [piece(from, 0, HEAD_BYTES), piece(from, size - TAG_BYTES, TAG_BYTES)];
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret, head.subarray(0, SALT_BYTES)), head.subarray(SALT_BYTES));
  decipher.setAuthTag(tag);
  try {
    await pipeline(createReadStream(from, { start: HEAD_BYTES, end: size - TAG_BYTES - 1 }), decipher, createWriteStream(to));
    return true;
  } catch (error) {
    // The disk speaks by a code; the cipher only says that it does not fit.
    if (error instanceof Error && 'code' in error && 'syscall' in error) throw error;
    return false;
  }
}
