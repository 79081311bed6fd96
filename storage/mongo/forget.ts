import { tombstoneOf } from '../content.ts';
import type { RawStore } from '../raw-store.ts';
import { keyOf } from './collections.ts';
import type { Collections } from './collections.ts';

type Forget = Pick<RawStore, 'erased' | 'erase' | 'bury' | 'undated' | 'dropBefore'>;

const BATCH = 10_000;

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What goes for good: what somebody had erased, and what became too old. */
export function forget({ reviews, erased }: Pick<Collections, 'reviews' | 'erased'>): Forget {
  return {
    async erased(dataset, ids) {
      const found = new Set<string>();
      // A question may be as large as 16 MB: all ids of a backup at once could be more.
      for (let start = 0; start < ids.length; start += BATCH) {
        const byTombstone = new Map(ids.slice(start, start + BATCH).map((id) => [tombstoneOf(dataset, id), id]));
        for (const { _id } of await erased.find({ _id: { $in: [...byTombstone.keys()] } }).toArray()) found.add(byTombstone.get(_id) ?? '');
      }
      return found;
    },
    async erase(dataset, ids) {
      // The tombstones first: what is cut after them is refused, and erased by the next try.
      for (const id of ids) await erased.updateOne({ _id: tombstoneOf(dataset, id) }, { $set: { dataset } }, { upsert: true });
      return (await reviews.deleteMany({ _id: { $in: ids.map((id) => keyOf(dataset, id)) } })).deletedCount;
    },
    async bury(dataset, tombstones) {
      const known = new Set((await erased.find({ _id: { $in: [...tombstones] } }).toArray()).map(({ _id }) => _id));
      const added = new Set(tombstones.filter((tombstone) => !known.has(tombstone)));
      if (added.size === 0) return;
      for (const tombstone of added) await erased.updateOne({ _id: tombstone }, { $set: { dataset } }, { upsert: true });
      const there = await reviews.find({ dataset }, { projection: { id: 1 } }).toArray();
      await reviews.deleteMany({ _id: { $in: there.filter(({ id }) => added.has(tombstoneOf(dataset, id))).map(({ _id }) => _id) } });
    },
    async undated(dataset) {
      const found = await reviews.find({ dataset, at: null }, { projection: { id: 1 } }).toArray();
      return found.map(({ id }) => id).sort(byCodeUnit);
    },
    async dropBefore(dataset, at, ids = []) {
      const { deletedCount } = await reviews.deleteMany({ dataset, at: { $lt: at, $ne: null } });
      return ids.length === 0 ? deletedCount : deletedCount + (await reviews.deleteMany({ _id: { $in: ids.map((id) => keyOf(dataset, id)) } })).deletedCount;
    },
  };
}
