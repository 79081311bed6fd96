import { constants } from 'node:fs';
import * as fs from 'node:fs';
import path from 'node:path';
import type { Json } from './model.ts';

/**
 * Everything in `runner/` that changes the file system goes through a Disk, so that a test can hand in one that is full.
 * A method rejects with the system's own error (ENOSPC, EACCES, ...); `problemOfDisk` of `disk-problem.ts` words it.
 */
export interface Disk {
  /** Writes beside the target and renames: a reader sees the old bytes or the new ones, never half of them. Makes the folder. */
  write(file: string, data: string | Uint8Array, options?: { readonly fsync?: boolean }): Promise<void>;
  /** Copies one file by reflink where the file system can, else byte by byte; through a temporary name, with fsync. */
  copy(from: string, to: string, options?: { readonly mode?: number; readonly fsync?: boolean }): Promise<void>;
  /** Renames a file or folder; the folder of `to` is made. Both lie in the workspace, one file system. */
  move(from: string, to: string): Promise<void>;
  /** Removes a file or a whole folder; an absent one is fine. */
  remove(target: string): Promise<void>;
  makeFolder(folder: string): Promise<void>;
  link(target: string, file: string): Promise<void>;
}

/** The code of a system error ("ENOENT"), or undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** True for the two codes that say "there is nothing there". */
export function isAbsent(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The text of a file, or undefined where there is none. */
export function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isJson(value: unknown): value is Json {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'bigint' && typeof value !== 'symbol';
}

/** Parses JSON; undefined for text that is none, so that a torn or foreign file counts as an absent one. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The value of a JSON file, or undefined where there is none or it is not JSON. */
export function readJson(file: string): Json | undefined {
  const text = readText(file);
  return text === undefined ? undefined : parseJson(text);
}

/** Sorted names of a folder; empty where there is none. */
export function listFolder(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

/**
 * write-file-atomic gives the temporary name, the fsync, the rename and the clean-up on exit. The bytes are written by its
 * `tmpfileCreated` callback and not by itself: its single write() call takes a short write for success, so that on a full
 * disk (seen on a tmpfs) it puts a truncated file in place of the good one. It is loaded late because a no-op never writes.
 */
async function write(file: string, data: string | Uint8Array, options: { readonly fsync?: boolean } = {}): Promise<void> {
  const { default: writeFileAtomic } = await import('write-file-atomic');
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomic(file, '', {
    fsync: options.fsync ?? true,
    tmpfileCreated: (temporary) => fs.promises.writeFile(temporary, data),
  });
}

let copies = 0;

async function copy(from: string, to: string, options: { readonly mode?: number; readonly fsync?: boolean } = {}): Promise<void> {
  await fs.promises.mkdir(path.dirname(to), { recursive: true });
  const temporary = `${to}.${process.pid}-${copies++}.tmp`;
  try {
    await fs.promises.copyFile(from, temporary, constants.COPYFILE_FICLONE);
    if (options.mode !== undefined) await fs.promises.chmod(temporary, options.mode);
    if (options.fsync ?? true) {
      const handle = await fs.promises.open(temporary, 'r');
      await handle.sync().finally(() => handle.close());
    }
    await fs.promises.rename(temporary, to);
  } catch (error) {
    await fs.promises.rm(temporary, { force: true });
    throw error;
  }
}

async function move(from: string, to: string): Promise<void> {
  await fs.promises.mkdir(path.dirname(to), { recursive: true });
  await fs.promises.rename(from, to);
}

async function remove(target: string): Promise<void> {
  await fs.promises.rm(target, { recursive: true, force: true });
}

async function makeFolder(folder: string): Promise<void> {
  await fs.promises.mkdir(folder, { recursive: true });
}

async function link(target: string, file: string): Promise<void> {
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  await fs.promises.symlink(target, file);
}

export const realDisk: Disk = { write, copy, move, remove, makeFolder, link };
