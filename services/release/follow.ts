import { mkdirSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import path from 'node:path';
import { chooseRelease } from './choose.ts';
import { createEarlierSites } from './earlier.ts';
import type { EarlierSite } from './earlier.ts';
import { createLeaving } from './leaving.ts';
import type { Release } from './load.ts';

export interface Followed {
  /** The release that serves now; null before the first one. */
  current(): Release | null;
  /** The report of another release that lies on the disk, for pages that somebody has open. */
  earlier(id: string): Promise<EarlierSite | undefined>;
  /** Looks at the pointer now; resolves when what it leads to is served or refused. */
  look(): Promise<void>;
  /** Why what the pointer leads to is not what serves, for people; null where it is, and before the first release. */
  trouble(): string | null;
  close(): void;
}

export interface FollowOptions {
  readonly workspace: string;
  readonly onServed: (release: Release) => void;
  /** With the sentence for people. */
  readonly onRefused: (id: string, sentence: string) => void;
  /** The same of a release that left the disk while it serves. */
  readonly onGone: (id: string, sentence: string) => void;
}

const POLL_MS = 2000;

/** Calls whenever the file system tells of a change, and every two seconds where it does not; gives what stops it. */
function lookOften(folder: string, look: () => void): () => void {
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, look);
    watcher.on('error', () => watcher?.close());
  } catch {
    // No notifications on this file system, or none left: the look every two seconds finds it.
    watcher = undefined;
  }
  const timer = setInterval(look, POLL_MS);
  return () => {
    clearInterval(timer);
    watcher?.close();
  };
}

/** Follows the pointer `releases/current`, and forgets releases that left the disk: somebody may have had a review erased. */
export function followReleases({ workspace, onServed, onRefused, onGone }: FollowOptions): Followed {
  const folder = path.join(workspace, 'releases');
  mkdirSync(folder, { recursive: true });
  const [sites, leaving] = [createEarlierSites(folder), createLeaving(folder)];
  const state = { again: false, closed: false };
  let looking: Promise<void> | undefined;

  function onTaken(release: Release, before: Release | null): void {
    if (state.closed) release.reviews?.close();
    if (before !== null) {
      sites.keep(before);
      leaving.add(before);
    }
    if (!state.closed) onServed(release);
  }
  const choice = chooseRelease({ workspace, onTaken, onRefused, onGone });

  async function lookUntilQuiet(): Promise<void> {
    try {
      while (state.again && !state.closed) {
        state.again = false;
        await choice.look();
        await sites.dropGone();
        await leaving.dropGone();
      }
    } finally {
      looking = undefined;
    }
  }

  async function look(): Promise<void> {
    state.again = true;
    looking ??= lookUntilQuiet();
    await looking;
  }

  const stop = lookOften(folder, () => void look());
  return {
    current: choice.current,
    earlier: sites.find,
    look,
    trouble: choice.trouble,
    close() {
      state.closed = true;
      stop();
      leaving.close();
      choice.current()?.reviews?.close();
    },
  };
}
