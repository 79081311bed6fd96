import { createHash, hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import * as fs from 'node:fs';
import path from 'node:path';
import { isAbsent, readJson, realDisk } from './disk.ts';
import type { Disk } from './disk.ts';

/** sha256, in hex. */
export function hashText(text: string | Uint8Array): string {
  return hash('sha256', text, 'hex');
}

/**
 * A file or folder inside a folder: path relative to it with `/`, and what it is.
 * - a file: its hash as of `Hashes.file`; links to files and folders are followed
 * - `name/` with "empty": a folder without anything in it (git forgets those; a stage may need them)
 * - "link:target": a link that leads nowhere or back up
 */
export type Entry = readonly [path: string, hash: string];

export interface Hashes {
  /** Content of a file: sha256 in hex, followed by "+x" where its owner may execute it. Undefined for an absent file or a folder. */
  file(absolute: string): Promise<string | undefined>;
  /** As `file`; for a folder the sha256 of its sorted entries, followed by "/". Undefined for something absent. */
  path(absolute: string): Promise<string | undefined>;
  /** Everything in a folder, sorted by code unit; undefined where it is absent or a file. */
  entries(absolute: string): Promise<readonly Entry[] | undefined>;
  /** Keeps what was learned for the next process. A failure to do so is no failure: it only costs time. */
  save(): Promise<void>;
}

/** The hash of a folder by its entries. */
export function hashEntries(entries: readonly Entry[]): string {
  return `${hashText(JSON.stringify(entries))}/`;
}

type Known = readonly [size: string, mtimeNs: string, ctimeNs: string, inode: string, device: string, hash: string, hashedAtMs: number];

/**
 * Timestamps tick coarsely: a file can change twice within one tick, with the same size, and look the same. So a hash is
 * only believed later if the file had been at rest for a while when it was taken: two seconds, the coarsest tick of any
 * file system in use. Within one process twice the kernel's own tick (10 ms at most) is enough, where timestamps are fine.
 */
const REST_MS = 2000;
const REST_IN_PROCESS_MS = 20;

const CHUNK_BYTES = 1 << 20;

function statOf(absolute: string): BigIntStats | undefined {
  try {
    return fs.statSync(absolute, { bigint: true });
  } catch (error) {
    // ELOOP: a link to itself leads nowhere, like a dangling one.
    if (isAbsent(error) || (error instanceof Error && 'code' in error && error.code === 'ELOOP')) return undefined;
    throw error;
  }
}

function wasAtRest(stat: BigIntStats, hashedAtMs: number, restMs: number): boolean {
  const coarse = stat.mtimeNs % 1_000_000_000n === 0n && stat.ctimeNs % 1_000_000_000n === 0n;
  const last = stat.mtimeMs > stat.ctimeMs ? stat.mtimeMs : stat.ctimeMs;
  return hashedAtMs - Number(last) > (coarse ? REST_MS : restMs);
}

function matches(known: Known, stat: BigIntStats): boolean {
  return (
    known[0] === String(stat.size) &&
    known[1] === String(stat.mtimeNs) &&
    known[2] === String(stat.ctimeNs) &&
    known[3] === String(stat.ino) &&
    known[4] === String(stat.dev)
  );
}

/** sha256 of the bytes of a file, read now, whatever is known of it. */
export async function hashContent(absolute: string, size: bigint = fs.statSync(absolute, { bigint: true }).size): Promise<string> {
  // For a small file one synchronous read is several times quicker than a trip through the thread pool.
  if (size <= CHUNK_BYTES) return hashText(fs.readFileSync(absolute));
  const sum = createHash('sha256');
  const file = await fs.promises.open(absolute);
  try {
    // One buffer for all of it: a stream takes a new one for each piece, and collecting them takes longer than the reading.
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return sum.digest('hex');
      sum.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

function isKnown(value: unknown): value is Known {
  return Array.isArray(value) && value.length === 7 && typeof value[5] === 'string' && typeof value[6] === 'number';
}

function load(cacheFile: string | undefined): Map<string, Known> {
  const known = new Map<string, Known>();
  const json: unknown = cacheFile === undefined ? undefined : readJson(cacheFile);
  if (json === null || typeof json !== 'object' || !('version' in json) || json.version !== 1) return known;
  if (!('files' in json) || json.files === null || typeof json.files !== 'object') return known;
  for (const [file, entry] of Object.entries(json.files)) if (isKnown(entry)) known.set(file, entry);
  return known;
}

/** Hashes a file that a stat found; undefined for one that went away in between. */
type FileHash = (absolute: string, stat: BigIntStats) => Promise<string | undefined>;

interface Folder {
  readonly absolute: string;
  /** Before the names of what it holds: empty, or ends with `/`. */
  readonly prefix: string;
  /** Where it really lies. */
  readonly real: string;
  /** Where the folders really lie in which stand the links that led here. */
  readonly links: readonly string[];
}

/** True for a folder that holds one of those walked through: to go in would be to go round. */
function isAbove(target: string, { real, links }: Folder): boolean {
  const start = target.endsWith(path.sep) ? target : `${target}${path.sep}`;
  return [real, ...links].some((folder) => folder === target || folder.startsWith(start));
}

/** Links in one folder beyond which those that lead where another one led are no longer followed. */
const FOLLOWED_MAX = 1000;

/** What is in a folder, however many files and however deep: there is one list for all of it, and no call within a call. */
async function walk(fileHash: FileHash, root: string): Promise<Entry[]> {
  const found: Entry[] = [];
  const open: Folder[] = [{ absolute: root, prefix: '', real: fs.realpathSync(root), links: [] }];
  // Folders that a link led into. Links to one folder are each followed, as a cache makes folders of them; only where there are very
  // many, a further one stays a link: folders that all point at each other would be walked in every order there is.
  const entered = new Set<string>();
  let followed = 0;

  /** The folder of that name, or undefined for a link that is not followed. */
  function enter(from: Folder, name: string): Folder | undefined {
    const absolute = path.join(from.absolute, name);
    const prefix = `${from.prefix}${name}/`;
    if (!fs.lstatSync(absolute).isSymbolicLink()) return { absolute, prefix, real: path.join(from.real, name), links: from.links };
    const real = fs.realpathSync(absolute);
    if (isAbove(real, from) || (followed >= FOLLOWED_MAX && entered.has(real))) return undefined;
    followed++;
    entered.add(real);
    return { absolute, prefix, real, links: [...from.links, from.real] };
  }

  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    const names = fs.readdirSync(from.absolute).sort();
    if (names.length === 0 && from.prefix !== '') found.push([from.prefix, 'empty']);
    for (const name of names) {
      const absolute = path.join(from.absolute, name);
      const stat = statOf(absolute);
      const inner = stat?.isDirectory() === true ? enter(from, name) : undefined;
      if (inner !== undefined) open.push(inner);
      else if (stat === undefined || stat.isDirectory()) found.push([from.prefix + name, `link:${fs.readlinkSync(absolute)}`]);
      else if (stat.isFile()) found.push([from.prefix + name, (await fileHash(absolute, stat)) ?? 'gone']);
      else found.push([from.prefix + name, 'special']);
    }
  }
  return found;
}

/** Hashes files and folders; what it learns is kept in `cacheFile` by size, times, inode and device. */
export function openHashes(cacheFile: string | undefined, options: { readonly disk?: Disk; readonly nowMs?: () => number } = {}): Hashes {
  const nowMs = options.nowMs ?? Date.now;
  const earlier = load(cacheFile);
  const current = new Map<string, Known>();
  /** Hashes that are being taken, of files at rest: stages that start at once ask for the same one. */
  const taking = new Map<string, { readonly known: Known; readonly content: Promise<string> }>();
  let changed = false;

  async function take(absolute: string, stat: BigIntStats): Promise<string> {
    const known: Known = [String(stat.size), String(stat.mtimeNs), String(stat.ctimeNs), String(stat.ino), String(stat.dev), '', nowMs()];
    const content = hashContent(absolute, stat.size);
    taking.set(absolute, { known, content });
    try {
      const hashed = await content;
      current.set(absolute, [known[0], known[1], known[2], known[3], known[4], hashed, known[6]]);
      changed = true;
      return hashed;
    } finally {
      if (taking.get(absolute)?.content === content) taking.delete(absolute);
    }
  }

  async function hashOf(absolute: string, stat: BigIntStats): Promise<string> {
    const suffix = (stat.mode & 0o100n) === 0n ? '' : '+x';
    const now = current.get(absolute);
    if (now !== undefined && matches(now, stat) && wasAtRest(stat, now[6], REST_IN_PROCESS_MS)) return now[5] + suffix;
    const then = earlier.get(absolute);
    if (then !== undefined && matches(then, stat) && wasAtRest(stat, then[6], REST_MS)) return then[5] + suffix;
    const other = taking.get(absolute);
    const isShared = other !== undefined && matches(other.known, stat) && wasAtRest(stat, other.known[6], REST_IN_PROCESS_MS);
    return (await (isShared ? other.content : take(absolute, stat))) + suffix;
  }

  const fileHash: FileHash = async (absolute, stat) => {
    try {
      return await hashOf(absolute, stat);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  };

  async function entries(absolute: string): Promise<readonly Entry[] | undefined> {
    if (statOf(absolute)?.isDirectory() !== true) return undefined;
    const found = await walk(fileHash, absolute);
    return found.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  }

  return {
    async file(absolute) {
      const stat = statOf(absolute);
      return stat?.isFile() === true ? fileHash(absolute, stat) : undefined;
    },
    entries,
    async path(absolute) {
      const stat = statOf(absolute);
      if (stat?.isFile() === true) return fileHash(absolute, stat);
      const found = await entries(absolute);
      return found === undefined ? undefined : hashEntries(found);
    },
    async save() {
      if (!changed || cacheFile === undefined) return;
      const files = Object.fromEntries([...earlier, ...current]);
      await (options.disk ?? realDisk).write(cacheFile, JSON.stringify({ version: 1, files }), { fsync: false }).catch(() => undefined);
      changed = false;
    },
  };
}
