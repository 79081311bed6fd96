import { mkdirSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { readlink } from 'node:fs/promises';
import path from 'node:path';
import { loadRelease } from './load.ts';
import type { Release } from './load.ts';

export interface Followed {
  /** The release that serves now; null before the first one. */
  current(): Release | null;
  /** One of the last few, for pages that somebody has open. */
  byId(id: string): Release | undefined;
  /** Looks at the pointer now; resolves when what it leads to is served or refused. */
  look(): Promise<void>;
  /** Why the release that the pointer leads to is not served; null where it is. */
  refusal(): { readonly id: string; readonly why: string } | null;
  close(): void;
}

export interface FollowOptions {
  readonly workspace: string;
  readonly onServed: (release: Release) => void;
  readonly onRefused: (id: string, why: string) => void;
}

const POLL_MS = 2000;
/** A page that is open asks for files of its own release: so many stay loaded. */
const KEPT = 3;
/** A refused release is looked at again after this: a slow disk may not have shown all of it. */
const AGAIN_MS = 10_000;

function createHold(): { readonly take: (release: Release) => void; readonly byId: (id: string) => Release | undefined; readonly close: () => void } {
  const kept: Release[] = [];
  return {
    take(release) {
      kept.unshift(release);
      // Not closed: a slow download may still read from it. Its file is let go with the last request that holds it.
      kept.splice(KEPT);
    },
    byId: (id) => kept.find((release) => release.id === id),
    close: () => {
      for (const release of kept) release.reviews?.close();
    },
  };
}

/** Follows the pointer `releases/current`: told by the file system at once, and by a look every two seconds where it is not. */
export function followReleases({ workspace, onServed, onRefused }: FollowOptions): Followed {
  const folder = path.join(workspace, 'releases');
  mkdirSync(folder, { recursive: true });
  const hold = createHold();
  let current: Release | null = null;
  let refused: { readonly id: string; readonly why: string; readonly atMs: number } | null = null;
  let looking: Promise<void> | undefined;
  let again = false;

  async function lookOnce(): Promise<void> {
    const id = await readlink(path.join(folder, 'current')).then((target) => path.basename(target), () => null);
    if (id === null || id === current?.id) return;
    if (refused?.id === id && Date.now() - refused.atMs < AGAIN_MS) return;
    const loaded = await loadRelease(workspace, id);
    if (loaded.ok) {
      [current, refused] = [loaded.release, null];
      hold.take(loaded.release);
      onServed(loaded.release);
      return;
    }
    const isNews = refused?.id !== id;
    refused = { id, why: loaded.why, atMs: Date.now() };
    if (isNews) onRefused(id, loaded.why);
  }

  async function look(): Promise<void> {
    again = true;
    looking ??= (async () => {
      while (again) {
        again = false;
        await lookOnce();
      }
      looking = undefined;
    })();
    await looking;
  }

  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, () => void look());
    watcher.on('error', () => watcher?.close());
  } catch {
    // No notifications on this file system, or none left: the look every two seconds finds it.
    watcher = undefined;
  }
  const timer = setInterval(() => void look(), POLL_MS);
  return {
    current: () => current,
    byId: hold.byId,
    look,
    refusal: () => refused,
    close() {
      clearInterval(timer);
      watcher?.close();
      hold.close();
    },
  };
}
