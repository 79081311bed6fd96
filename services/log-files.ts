import { existsSync, renameSync, rmSync, statSync } from 'node:fs';

const BYTES_MAX = 10 * 1024 * 1024;
const KEPT = 5;

/** When a service starts: a file that is full becomes `.1`, older ones move up, the oldest goes. */
export function rotate(file: string, bytesMax = BYTES_MAX): void {
  if (!existsSync(file) || statSync(file).size < bytesMax) return;
  rmSync(`${file}.${KEPT}`, { force: true });
  for (let number = KEPT - 1; number >= 1; number--) if (existsSync(`${file}.${number}`)) renameSync(`${file}.${number}`, `${file}.${number + 1}`);
  renameSync(file, `${file}.1`);
}
