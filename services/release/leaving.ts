import path from 'node:path';
import type { Release } from './load.ts';
import { isThere } from './manifest.ts';

/** Releases that serve no more: their reviews are let go with their last reader, or at once where they left the disk. */
export interface Leaving {
  add(release: Release): void;
  dropGone(): Promise<void>;
  close(): void;
}

export function createLeaving(releases: string): Leaving {
  const leaving = new Set<Release>();
  return {
    add(release) {
      release.reviews?.retire();
      if (release.reviews?.isClosed() === false) leaving.add(release);
    },
    async dropGone() {
      for (const release of leaving) {
        if (!(await isThere(path.join(releases, release.id)))) release.reviews?.close();
        if (release.reviews?.isClosed() !== false) leaving.delete(release);
      }
    },
    close: () => {
      for (const { reviews } of leaving) reviews?.close();
    },
  };
}
