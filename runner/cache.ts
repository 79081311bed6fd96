import { existsSync } from 'node:fs';
import path from 'node:path';
import { isAbsent, readJson } from './disk.ts';
import type { Disk } from './disk.ts';
import { hashContent, hashEntries } from './hash.ts';
import type { Entry, Hashes } from './hash.ts';

/** Content-addressed store of outs, in `.repro/cache/objects/ab/cdef…`: one object a file, one (its sorted entries) a folder. */
export interface Cache {
  /** Stores what lies at a path under the hash it was found to have. Returns false where it changed meanwhile. */
  put(absolute: string, hash: string): Promise<boolean>;
  /** Whether everything that the hash stands for is there; its bytes are verified when restored. */
  has(hash: string): boolean;
  /** Brings an out back, byte by byte verified. A damaged object is set aside, and the place left as it was. */
  restore(hash: string, absolute: string): Promise<'restored' | 'damaged'>;
}

const AT_ONCE = 16;

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, items.length) }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}

export function isEntries(value: unknown): value is readonly Entry[] {
  return Array.isArray(value) && value.every((entry) => Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string');
}

/** An entry that stands for a file, not for an empty folder or a link that leads nowhere. */
const isFile = ([, hash]: Entry): boolean => /^[0-9a-f]{64}(\+x)?$/.test(hash);

/** A path that an entry may have: inside the folder, whoever wrote the manifest. */
const isInside = ([name]: Entry): boolean => !path.isAbsolute(name) && !name.split('/').includes('..');

interface Store {
  readonly disk: Disk;
  readonly folder: string;
}

const cacheOf = (workspace: string): string => path.join(workspace, '.repro', 'cache');
const objectOf = ({ folder }: Pick<Store, 'folder'>, hash: string): string => path.join(folder, 'objects', hash.slice(0, 2), hash.slice(2, 64));

/** Where the object of a hash lies in the cache of a workspace. */
export const objectPath = (workspace: string, hash: string): string => objectOf({ folder: cacheOf(workspace) }, hash);

function readEntries(store: Store, hash: string): readonly Entry[] | undefined {
  const value: unknown = readJson(objectOf(store, hash));
  return isEntries(value) && hashEntries(value) === hash && value.every(isInside) ? value : undefined;
}

async function setAside(store: Store, hash: string): Promise<'damaged'> {
  const object = objectOf(store, hash);
  if (existsSync(object)) await store.disk.move(object, path.join(store.folder, 'bad', hash.slice(0, 64)));
  return 'damaged';
}

async function isSound(store: Store, hash: string): Promise<boolean> {
  try {
    return (await hashContent(objectOf(store, hash))) === hash.slice(0, 64);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/**
 * An out is a reflink or a copy of its object, never a hard link: a stage (or a person) that opens a hard-linked out for
 * writing would change the object, and with it every other workspace and every earlier result that shares it.
 */
async function restoreFile(store: Store, hash: string, to: string): Promise<'restored' | 'damaged'> {
  if (!(await isSound(store, hash))) return setAside(store, hash);
  await store.disk.copy(objectOf(store, hash), to, { mode: hash.endsWith('+x') ? 0o755 : 0o644, fsync: false });
  return 'restored';
}

async function restoreFolder(store: Store, hash: string, absolute: string): Promise<'restored' | 'damaged'> {
  const entries = readEntries(store, hash);
  if (entries === undefined) return setAside(store, hash);
  const temporary = path.join(store.folder, '..', 'tmp', `${process.pid}-${hash.slice(0, 16)}`);
  await store.disk.remove(temporary);
  await store.disk.makeFolder(temporary);
  const damaged: string[] = [];
  await inParallel(entries, async (entry) => {
    const [name, content] = entry;
    if (isFile(entry)) {
      if ((await restoreFile(store, content, path.join(temporary, name))) === 'damaged') damaged.push(name);
    } else if (content === 'empty') await store.disk.makeFolder(path.join(temporary, name));
    else if (content.startsWith('link:')) await store.disk.link(content.slice('link:'.length), path.join(temporary, name));
  });
  if (damaged.length > 0) {
    await store.disk.remove(temporary);
    return 'damaged';
  }
  await store.disk.remove(absolute);
  await store.disk.move(temporary, absolute);
  return 'restored';
}

export function openCache(options: { readonly workspace: string; readonly disk: Disk; readonly hashes: Hashes }): Cache {
  const { disk, hashes } = options;
  const store: Store = { disk, folder: cacheOf(options.workspace) };

  async function putFile(absolute: string, hash: string): Promise<void> {
    const object = objectOf(store, hash);
    if (!existsSync(object)) await disk.copy(absolute, object, { mode: 0o444 });
  }

  return {
    async put(absolute, hash) {
      if (!hash.endsWith('/')) {
        await putFile(absolute, hash);
        return true;
      }
      const entries = await hashes.entries(absolute);
      if (entries === undefined || hashEntries(entries) !== hash || entries.some(([, content]) => content === 'special' || content === 'gone')) return false;
      await inParallel(entries.filter(isFile), ([name, content]) => putFile(path.join(absolute, name), content));
      const object = objectOf(store, hash);
      if (!existsSync(object)) await disk.write(object, JSON.stringify(entries));
      return true;
    },
    has(hash) {
      if (!hash.endsWith('/')) return existsSync(objectOf(store, hash));
      return readEntries(store, hash)?.filter(isFile).every(([, content]) => existsSync(objectOf(store, content))) ?? false;
    },
    async restore(hash, absolute) {
      if (hash.endsWith('/')) return restoreFolder(store, hash, absolute);
      return restoreFile(store, hash, absolute);
    },
  };
}
