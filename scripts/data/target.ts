import { closeSync, lstatSync, mkdirSync, mkdtempSync, openSync, readSync, readlinkSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errorCode } from '../../runner/disk.ts';
import { wording } from './wording.ts';

export type Put = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** What the process was started with has a number: opened by its name, a socket refuses, and a file begins anew beneath whoever holds it. */
function numberOf(to: string): number | undefined {
  const standard = ['/dev/stdin', '/dev/stdout', '/dev/stderr'].indexOf(to);
  const named = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(to)?.[1];
  return standard !== -1 ? standard : named === undefined ? undefined : Number(named);
}

/** Whether the rows go where the command itself speaks: what it says has to go elsewhere then. */
export const isOutput = (to: string): boolean => numberOf(to) === 1;

/** Where a chain of links leads to, also to what is not there yet. One that leads to itself throws, as the system says it. */
function withoutLinks(to: string): string {
  statSync(to, { throwIfNoEntry: false });
  let file = to;
  while (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true) file = path.resolve(path.dirname(file), readlinkSync(file));
  return file;
}

/** Whole or not at all: a file of that name stays as it was until the new one is complete. */
function replace(file: string, write: (temporary: string) => void): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    write(temporary);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

const [BLOCK, PAUSE_MS] = [256 * 1024, 5];

/** Writes all of it, also into a pipe that takes no more for the moment. */
function writeAll(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

/** A device, a pipe: nothing may take its place. Formats are written with several looks at a file, so one is made first, and handed over in one go. */
function pass(to: string, write: (temporary: string) => void): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-export-'));
  const descriptors: number[] = [];
  try {
    write(path.join(folder, 'rows'));
    const from = openSync(path.join(folder, 'rows'), 'r');
    descriptors.push(from);
    const given = numberOf(to);
    const target = given ?? openSync(to, 'a');
    if (given === undefined) descriptors.push(target);
    const block = Buffer.allocUnsafe(BLOCK);
    for (let read = readSync(from, block); read > 0; read = readSync(from, block)) writeAll(target, block.subarray(0, read));
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts what `write` makes where somebody asked for it, be it a file, a link to one, a device or a pipe. What the system has against that is a sentence. */
export function putTo(to: string, write: (temporary: string) => void): Put {
  try {
    const isSpecial = numberOf(to) !== undefined || statSync(to, { throwIfNoEntry: false })?.isFile() === false;
    if (isSpecial) pass(to, write);
    else replace(withoutLinks(to), write);
    return { ok: true };
  } catch (error) {
    const code = errorCode(error);
    if (!(error instanceof Error) || code === undefined || code.startsWith('ERR_')) throw error;
    return { ok: false, why: wording.notWritten(to, code, error.message) };
  }
}
