import path from 'node:path';
import { loadFile } from './files.ts';
import type { ReleaseFile } from './files.ts';
import type { Release } from './load.ts';
import { isThere, readManifest } from './manifest.ts';

/** The report of a release that does not serve, or not yet in this process: pages that somebody has open ask for files of it. */
export interface EarlierSite {
  readonly id: string;
  has(name: string): boolean;
  /** Read and compared with the manifest when it is first asked for; undefined where it is not what it should be. */
  file(name: string): Promise<ReleaseFile | undefined>;
}

export interface EarlierSites {
  /** The release served until now: its files are in memory already. */
  keep(release: Release): void;
  /** Undefined where there is no such release on the disk. */
  find(id: string): Promise<EarlierSite | undefined>;
  /** Forgets those that left the disk. */
  dropGone(): Promise<void>;
}

/** So many are held; another one takes the place of the one that was asked for longest ago. */
const HELD_MAX = 3;
/** The ids of releases are those of runs. Whatever else somebody asks for never reaches the disk. */
const ID = /^\w[\w-]{0,63}$/;

function siteOf(id: string, names: ReadonlySet<string>, read: (name: string) => Promise<ReleaseFile | null>): EarlierSite {
  const files = new Map<string, Promise<ReleaseFile | null>>();
  return {
    id,
    has: (name) => names.has(name),
    async file(name) {
      if (!names.has(name)) return undefined;
      const reading = files.get(name) ?? read(name);
      files.set(name, reading);
      const file = await reading;
      // A disk that could not be read for a moment is asked again.
      if (file === null) files.delete(name);
      return file ?? undefined;
    },
  };
}

export function createEarlierSites(releases: string): EarlierSites {
  const held = new Map<string, EarlierSite>();
  const hold = (site: EarlierSite): EarlierSite => {
    // Taken out and put in again, it is the newest: a Map keeps the order of insertion.
    held.delete(site.id);
    held.set(site.id, site);
    if (held.size > HELD_MAX) held.delete(held.keys().next().value ?? '');
    return site;
  };
  return {
    keep: ({ id, site }) => void hold(siteOf(id, new Set(site.keys()), async (name) => site.get(name) ?? null)),
    async find(id) {
      const known = held.get(id);
      if (known !== undefined) return hold(known);
      const folder = path.join(releases, id);
      const manifest = ID.test(id) ? await readManifest(folder) : null;
      if (manifest === null) return undefined;
      const names = new Map(Object.entries(manifest.files).flatMap(([name, hash]) => (name.startsWith('site/') ? [[name.slice('site/'.length), hash] as const] : [])));
      return hold(siteOf(id, new Set(names.keys()), (name) => loadFile(path.join(folder, 'site'), name, names.get(name) ?? '')));
    },
    async dropGone() {
      for (const id of held.keys()) if (!(await isThere(path.join(releases, id)))) held.delete(id);
    },
  };
}
