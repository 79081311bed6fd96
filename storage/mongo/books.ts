import type { Review } from '../../schema/review.ts';
import type { RawStore } from '../raw-store.ts';
import { writeAll } from './bulk.ts';
import { keyOf } from './collections.ts';
import type { Collections } from './collections.ts';

type Books = Pick<RawStore, 'known' | 'read' | 'count' | 'unseen' | 'markGone' | 'readMemory' | 'writeMemory' | 'datasets' | 'hold' | 'unstamp'>;

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** E11000: somebody else was first. */
const isDuplicate = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 11000;

/** Marks and memory: what is kept about reviews besides themselves. */
export function keepBooks({ reviews, memory, holds, stamps }: Collections, now: () => number): Books {
  return {
    async known(dataset, ids) {
      const found = await reviews.find({ _id: { $in: ids.map((id) => keyOf(dataset, id)) } }, { projection: { id: 1 } }).toArray();
      return new Set(found.map(({ id }) => id));
    },
    async read(dataset, ids) {
      const found = await reviews.find({ _id: { $in: ids.map((id) => keyOf(dataset, id)) } }, { projection: { _id: 0, json: 1 } }).toArray();
      return found.map(({ json }) => JSON.parse(json) as Review);
    },
    count: (dataset) => reviews.countDocuments({ dataset }),
    async unseen(dataset, sweep) {
      const found = await reviews.find({ dataset, gone: null, sweep: { $lt: sweep } }, { projection: { id: 1 } }).toArray();
      return found.map(({ id }) => id).sort(byCodeUnit);
    },
    async markGone(dataset, ids, at) {
      let marked = 0;
      for (const id of ids) {
        const before = await reviews.findOne({ _id: keyOf(dataset, id), gone: null }, { projection: { json: 1, revision: 1 } });
        if (before === null) continue;
        const { json, revision } = before;
        marked += await writeAll({ reviews }, [{ updateOne: { filter: { _id: keyOf(dataset, id), gone: null, revision }, update: { $set: { gone: at, revision: revision + 1 }, $push: { history: { revision, gone: at, json } } } } }]);
      }
      return marked;
    },
    async readMemory(dataset) {
      const found = await memory.findOne({ _id: dataset });
      return found === null ? null : (JSON.parse(found.json) as unknown);
    },
    async writeMemory(dataset, value) {
      await memory.updateOne({ _id: dataset }, { $set: { json: JSON.stringify(value) } }, { upsert: true });
    },
    datasets: async () => (await reviews.distinct('dataset')).sort(byCodeUnit),
    async hold(dataset, holder, { seconds, over = holder }) {
      const [until, since] = [now() + seconds * 1000, now()];
      try {
        await holds.findOneAndUpdate({ _id: dataset, $or: [{ until: { $lte: since } }, { holder: { $in: [holder, over] } }] }, { $set: { holder, until } }, { upsert: true });
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        return { heldBy: (await holds.findOne({ _id: dataset }))?.holder ?? 'another process' };
      }
      return { release: async () => void (await holds.deleteOne({ _id: dataset, holder })) };
    },
    unstamp: async (dataset) => void (await stamps.deleteOne({ _id: dataset })),
  };
}
