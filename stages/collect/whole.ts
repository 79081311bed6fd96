import { writeRows } from '../../records/csv.ts';
import { writeJsonl } from '../../records/jsonl.ts';
import type { CollectParams } from '../../schema/params.ts';
import { Review } from '../../schema/review.ts';
import type { ReviewRevision } from '../../schema/review.ts';
import type { RawStore } from '../../storage/raw-store.ts';
import type { Facts, StageContext, StageOutcome } from '../context.ts';
import type { Door } from '../privacy/door.ts';
import { openAges } from '../privacy/retention.ts';
import type { Ages } from '../privacy/retention.ts';
import { wording } from '../wording-data.ts';
import { inOrder } from './order.ts';
import type { z } from 'zod';

/** Everything that collecting needs, of whatever source. */
export interface Collecting {
  readonly context: StageContext;
  readonly params: z.infer<typeof CollectParams>;
  readonly door: Door;
  readonly raw: RawStore;
  readonly dataset: string;
  /** Older reviews are not kept; null keeps all. */
  readonly since: string | null;
  /** Whether reviews of the dataset were erased for good: the store will refuse them. */
  readonly erased: boolean;
}

/** Writes what goes on through the pipeline: the reviews by time and id, and what they said before. */
export function writeExport(context: StageContext, reviews: readonly Review[], history: readonly ReviewRevision[]): void {
  writeRows(context.path('data/collect/reviews.csv'), Review, inOrder(reviews));
  writeJsonl(context.path('data/collect/history.jsonl'), history);
}

/** How many texts were masked, as facts: `maskedEmail`, `maskedPhone`... */
export function maskedFacts(door: Door): Facts {
  const entries = Object.entries(door.masked()).filter(([, count]) => count > 0);
  return Object.fromEntries(entries.map(([kind, count]) => [`masked${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`, count]));
}

/** Without those that the store refused since they were erased for good. */
async function withoutErased(raw: RawStore, dataset: string, reviews: readonly Review[]): Promise<readonly Review[]> {
  const known = await raw.known(dataset, reviews.map(({ id }) => id));
  return reviews.filter(({ id }) => known.has(id));
}

/** The parts of a source that are young enough, which `reviews` takes as they pass; how many were not. */
function young(parts: Iterable<readonly Review[]>, { isYoung }: Ages, reviews: Review[]): { readonly parts: Iterable<readonly Review[]>; tooOld(): number } {
  let tooOld = 0;
  function* passing(): Generator<readonly Review[]> {
    for (const part of parts) {
      const kept = isYoung === null ? part : part.filter(isYoung);
      tooOld += part.length - kept.length;
      for (const review of kept) reviews.push(review);
      yield kept;
    }
  }
  return { parts: passing(), tooOld: () => tooOld };
}

/** Stores a source that is read whole, and exports exactly it: the sample, a file. */
export async function storeWhole(collecting: Collecting, all: Iterable<readonly Review[]>, facts: Facts): Promise<StageOutcome> {
  const { context, raw, dataset, door } = collecting;
  // From here until the new stamp, a run that is cut is noticed by the next one.
  await raw.unstamp(dataset);
  const ages = await openAges(collecting, dataset);
  await ages.drop();
  const reviews: Review[] = [];
  const { parts, tooOld } = young(all, ages, reviews);
  const filling = raw.fill(dataset, parts);
  // It is waited for below; where the export fails first, that is what is told.
  filling.catch(() => undefined);
  // Written while the store is filled, unless the store may refuse some.
  if (!collecting.erased) writeExport(context, reviews, []);
  const { added, edited, unchanged, refused, stamp: receipt } = await filling;
  await ages.remember();
  const kept = refused === 0 ? reviews : await withoutErased(raw, dataset, reviews);
  if (collecting.erased || refused > 0) writeExport(context, kept, []);
  const extra = { ...(refused > 0 ? { erased: refused } : {}), ...(tooOld() > 0 ? { tooOld: tooOld() } : {}) };
  return { kind: 'done', facts: { rows: kept.length, new: added, edited, unchanged, ...facts, ...extra, ...maskedFacts(door) }, headline: wording.collected(added, edited), receipt };
}
