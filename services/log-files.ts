import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';

const BYTES_MAX = 10 * 1024 * 1024;
const KEPT = 5;

/**
 * A file that is full is put aside under a name of its own (`server.jsonl.20261126T093500123Z-4711`), and of those the newest five
 * stay. No name is taken from another file, so that several processes which find it full at once lose nothing: one of them
 * renames it, the others find it gone or begun anew.
 */
export function rotate(file: string, bytesMax = BYTES_MAX): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < bytesMax) return;
  try {
    renameSync(file, `${file}.${new Date().toISOString().replaceAll(/[-:.]/g, '')}-${process.pid}`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const folder = path.dirname(file);
  const aside = readdirSync(folder).filter((name) => name.startsWith(`${path.basename(file)}.`)).sort();
  for (const name of aside.slice(0, -KEPT)) rmSync(path.join(folder, name), { force: true });
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
