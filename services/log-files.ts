import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';

const BYTES_MAX = 10 * 1024 * 1024;
const KEPT = 5;

/** A file that is full becomes `.1`, older ones move up, the oldest goes. Looked at anew: another process may have done it already. */
export function rotate(file: string, bytesMax = BYTES_MAX): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < bytesMax) return;
  rmSync(`${file}.${KEPT}`, { force: true });
  for (let number = KEPT - 1; number >= 1; number--) if (existsSync(`${file}.${number}`)) renameSync(`${file}.${number}`, `${file}.${number + 1}`);
  renameSync(file, `${file}.1`);
}

/**
 * A log that is rotated as it is written, by however many processes: each line is one append, which the system keeps whole, and
 * whoever finds that another process has rotated goes on in the new file. Where nothing can be written, a full disk say, the line
 * is lost and the service goes on.
 */
export function openLogFile(file: string, bytesMax = BYTES_MAX): { write(line: string): void } {
  let descriptor: number | undefined;
  let isCut = false;

  function open(): number {
    if (descriptor !== undefined) {
      const [ours, now] = [fstatSync(descriptor), statSync(file, { throwIfNoEntry: false })];
      if (now?.ino === ours.ino && ours.size < bytesMax) return descriptor;
      closeSync(descriptor);
      descriptor = undefined;
    }
    mkdirSync(path.dirname(file), { recursive: true });
    rotate(file, bytesMax);
    descriptor = openSync(file, 'a');
    return descriptor;
  }
  return {
    write(line) {
      try {
        const text = `${isCut ? '\n' : ''}${line}`;
        // A disk that fills up takes a part of it: the next line begins a new one.
        isCut = writeSync(open(), text) < Buffer.byteLength(text);
      } catch {
        // Told nowhere: the place to tell it is this very file. The line is on the output of the service as well.
      }
    },
  };
}
