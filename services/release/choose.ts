import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { wording } from '../wording.ts';
import { loadRelease } from './load.ts';
import type { Release } from './load.ts';
import { isThere } from './manifest.ts';

/** A refused release is looked at again after this: a slow disk may not have shown all of it. */
const AGAIN_MS = 10_000;
/** The name of the pointer itself stands for a release where there is no pointer. */
const POINTER = 'current';

export interface Choice {
  /** Looks where the pointer leads, and takes or refuses what is there. */
  look(): Promise<void>;
  current(): Release | null;
  /** Why what the pointer leads to is not what serves, for people; null where it is, and before the first release. */
  trouble(): string | null;
}

export interface ChoiceOptions {
  readonly workspace: string;
  /** Another release serves from now on, instead of the one before. */
  readonly onTaken: (release: Release, before: Release | null) => void;
  /** With the sentence for people. */
  readonly onRefused: (id: string, sentence: string) => void;
  /** The release that serves left the disk; with the sentence for people. */
  readonly onGone: (id: string, sentence: string) => void;
}

interface Refused {
  readonly id: string;
  /** Null where nothing is pointed to. */
  readonly why: string | null;
  readonly atMs: number;
}

async function pointedAt(releases: string): Promise<string | null> {
  return readlink(path.join(releases, POINTER)).then((target) => path.basename(target), () => null);
}

/** Ids of the releases on the disk, newest first. Hidden ones are being made. */
async function idsIn(releases: string): Promise<readonly string[]> {
  const entries = await readdir(releases, { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => (entry.isDirectory() && !entry.name.startsWith('.') ? [entry.name] : [])).sort().toReversed();
}

async function newestWhole(workspace: string, except: string): Promise<Release | null> {
  for (const id of await idsIn(path.join(workspace, 'releases'))) {
    const loaded = id === except ? undefined : await loadRelease(workspace, id);
    if (loaded?.ok === true) return loaded.release;
  }
  return null;
}

function troubleOf(current: Release | null, refused: Refused | null, isGone: boolean): string | null {
  if (refused === null) return isGone && current !== null ? wording.gone(current.id) : null;
  if (refused.why === null) return current === null ? null : wording.noPointer(current.id);
  return current === null ? wording.refusedAlone(refused.id, refused.why) : wording.refused(refused.id, refused.why);
}

/**
 * Which release serves: the one that the pointer leads to, verified. What is refused leaves the one before in its place; where
 * there is none, after a start, the newest that is whole.
 */
export function chooseRelease({ workspace, onTaken, onRefused, onGone }: ChoiceOptions): Choice {
  const releases = path.join(workspace, 'releases');
  let current: Release | null = null;
  let refused: Refused | null = null;
  let [isGone, isFirst] = [false, true];

  function take(release: Release): void {
    const before = current;
    [current, isGone] = [release, false];
    onTaken(release, before);
  }

  const trouble = (): string | null => troubleOf(current, refused, isGone);

  /** Where nothing serves, better the newest of the others than none. */
  async function takeNewestWhole(except: string): Promise<void> {
    const found = await newestWhole(workspace, except);
    if (found !== null) take(found);
  }

  function refuse(id: string, why: string | null): void {
    const isNews = refused?.id !== id;
    refused = { id, why, atMs: performance.now() };
    if (isNews) onRefused(id, trouble() ?? '');
  }

  async function lookFor(release: Release): Promise<void> {
    const wasGone = isGone;
    isGone = !(await isThere(path.join(releases, release.id)));
    if (isGone && !wasGone) onGone(release.id, wording.gone(release.id));
  }

  async function follow(id: string): Promise<void> {
    if (id === current?.id) {
      refused = null;
      return;
    }
    if (refused?.id === id && performance.now() - refused.atMs < AGAIN_MS) return;
    const loaded = await loadRelease(workspace, id);
    if (loaded.ok) {
      refused = null;
      take(loaded.release);
      return;
    }
    if (current === null) await takeNewestWhole(id);
    refuse(id, loaded.why);
  }

  /** Nothing is pointed to: what serves goes on, which is told like every refusal; where nothing serves there is nothing to tell. */
  async function goOnWithout(): Promise<void> {
    // What lies there without a pointer may be anything, so that only what is whole counts; and only at the start: later it may be
    // the very first release that lies there, and waits for its pointer.
    if (current === null && isFirst) await takeNewestWhole(POINTER);
    if (current === null) refused = null;
    else refuse(POINTER, null);
  }

  return {
    async look() {
      const id = await pointedAt(releases);
      if (id === null) await goOnWithout();
      else await follow(id);
      isFirst = false;
      if (current !== null) await lookFor(current);
    },
    current: () => current,
    trouble,
  };
}
