import { z } from 'zod';
import { Instant } from '../../schema/app.ts';
import type { Review } from '../../schema/review.ts';
import { tombstoneOf } from '../../storage/content.ts';
import { DROPPED_FILE, noteDropped } from '../../storage/dropped.ts';
import type { RawStore } from '../../storage/raw-store.ts';
import type { StageContext } from '../context.ts';

const DAY_MS = 86_400_000;
/** The first day that an instant of ours can write, in the year 0: no review is older. */
const FIRST_DAY = Date.parse('0000-01-01T00:00:00Z') / DAY_MS;

/** The instant before which reviews are too old to keep: whole days (UTC) back from the day of the run. Null keeps all. */
export function cutOff(asOf: string, retentionDays: number | null): string | null {
  if (retentionDays === null) return null;
  const day = Math.floor(Date.parse(asOf) / DAY_MS) - retentionDays;
  return day < FIRST_DAY ? null : new Date(day * DAY_MS).toISOString().replace('.000Z', 'Z');
}

export interface Keeping {
  readonly context: Pick<StageContext, 'asOf' | 'path'>;
  readonly raw: RawStore;
  /** Older reviews are not kept; null keeps all. */
  readonly since: string | null;
}

/** Who is young enough to be kept. A review without a date counts from when it was first seen with a retention set. */
export interface Ages {
  /** Null where everybody is. */
  readonly isYoung: ((review: Pick<Review, 'id' | 'at'>) => boolean) | null;
  /** Drops what is too old from the store, and notes that results of earlier runs may still show it. Number of reviews. */
  drop(): Promise<number>;
  /** After a source was read whole: keeps when each that it or the store has without a date was first seen, and of no others. */
  remember(): Promise<void>;
}

/** By hashes of ids: what was dropped and is in the source still must not come in again, and is not named. */
const Sights = z.record(z.string(), Instant);

const ALL: Ages = { isYoung: null, drop: async () => 0, remember: async () => undefined };

export async function openAges({ context, raw, since }: Keeping, dataset: string): Promise<Ages> {
  if (since === null) return ALL;
  const place = `${dataset}#undated`;
  const now = context.asOf.replace(/\.\d+Z$/, 'Z');
  const before: Readonly<Record<string, string>> = Sights.safeParse(await raw.readMemory(place)).data ?? {};
  const seen = new Map<string, string>();
  const sightOf = (id: string): string => {
    const hash = tombstoneOf(dataset, id);
    const sight = before[hash] ?? now;
    seen.set(hash, sight);
    return sight;
  };
  return {
    isYoung: ({ id, at }) => (at ?? sightOf(id)) >= since,
    async drop() {
      const undated = await raw.undated(dataset);
      const dropped = await raw.dropBefore(dataset, since, undated.filter((id) => sightOf(id) < since));
      if (undated.length > 0) await raw.writeMemory(place, { ...before, ...Object.fromEntries(seen) });
      if (dropped > 0) noteDropped(context.path(DROPPED_FILE), since);
      return dropped;
    },
    async remember() {
      for (const id of await raw.undated(dataset)) sightOf(id);
      if (seen.size > 0 || Object.keys(before).length > 0) await raw.writeMemory(place, Object.fromEntries(seen));
    },
  };
}
