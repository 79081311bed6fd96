import type { CollectParams } from '../../schema/params.ts';
import type { Review, ReviewRevision } from '../../schema/review.ts';
import { rememberBackup } from '../../storage/known-backups.ts';
import type { RawStore } from '../../storage/raw-store.ts';
import type { Facts, StageContext, StageOutcome } from '../context.ts';
import type { Door } from '../privacy/door.ts';
import { openAges } from '../privacy/retention.ts';
import type { Ages } from '../privacy/retention.ts';
import { wording } from '../wording-data.ts';
import { openExport } from './export.ts';
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

/** How many texts were masked, as facts: `maskedEmail`, `maskedPhone`... */
export function maskedFacts(door: Door): Facts {
  const entries = Object.entries(door.masked()).filter(([, count]) => count > 0);
  return Object.fromEntries(entries.map(([kind, count]) => [`masked${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`, count]));
}

/** Without those that the store refused since they were erased for good. */
async function withoutErased(raw: RawStore, dataset: string, reviews: readonly Review[]): Promise<readonly Review[]> {
  const erased = await raw.erased(dataset, reviews.map(({ id }) => id));
  return reviews.filter(({ id }) => !erased.has(id));
}

/** A source that is read whole. */
export interface Whole {
  /** The reviews, a good many at a time. */
  readonly parts: Iterable<readonly Review[]>;
  /** Places of reviews whose id comes again with a later time: the store keeps the later one, and takes no edit for it. */
  readonly repeated: ReadonlySet<number>;
  readonly facts: Facts;
}

/** The parts of a source for the store, each taken into `reviews` as it passes; how many were too old to be kept. */
function passing({ parts, repeated }: Whole, { isYoung }: Ages, reviews: Review[]): { readonly parts: Iterable<readonly Review[]>; tooOld(): number } {
  let [tooOld, place] = [0, 0];
  function* pass(): Generator<readonly Review[]> {
    for (const part of parts) {
      const start = place;
      place += part.length;
      const young = isYoung === null ? part : part.filter(isYoung);
      tooOld += part.length - young.length;
      for (const review of young) reviews.push(review);
      yield repeated.size === 0 ? young : part.filter((review, index) => isYoung?.(review) !== false && !repeated.has(start + index));
    }
  }
  return { parts: pass(), tooOld: () => tooOld };
}

/** What reviews said before, and what the store keeps besides those that the source shows now: what is not in the export is in no other backup. */
async function historyOf(raw: RawStore, dataset: string, use: { readonly shown: readonly Review[]; readonly repeated: number; readonly held: number }): Promise<readonly ReviewRevision[]> {
  const history = await raw.history(dataset);
  if (use.held <= use.shown.length - use.repeated) return history;
  const shown = new Set(use.shown.map(({ id }) => id));
  const revisions = new Map<string, number>();
  for (const { id } of history) revisions.set(id, (revisions.get(id) ?? 0) + 1);
  const besides = (await raw.all(dataset)).filter(({ id }) => !shown.has(id));
  const last = besides.map((review): ReviewRevision => ({ app: review.app, id: review.id, revision: revisions.get(review.id) ?? 0, review, goneAt: null }));
  return [...history, ...last].sort((a, b) => (a.id === b.id ? a.revision - b.revision : a.id < b.id ? -1 : 1));
}

/** Stores a source that is read whole, and exports exactly it: the sample, a file. */
export async function storeWhole(collecting: Collecting, whole: Whole): Promise<StageOutcome> {
  const { context, raw, dataset, door } = collecting;
  // From here until the new stamp, a run that is cut is noticed by the next one.
  await raw.unstamp(dataset);
  const ages = await openAges(collecting, dataset);
  await ages.drop();
  const reviews: Review[] = [];
  const { parts, tooOld } = passing(whole, ages, reviews);
  const filling = raw.fill(dataset, parts);
  // It is waited for below; where the export fails first, that is what is told.
  filling.catch(() => undefined);
  const files = openExport(context);
  try {
    // Written while the store is filled, unless the store may refuse some.
    if (!collecting.erased) files.reviews(reviews);
    const { added, edited, unchanged, refused, stamp: receipt } = await filling;
    await ages.remember();
    const kept = refused === 0 ? reviews : await withoutErased(raw, dataset, reviews);
    if (collecting.erased || refused > 0) files.reviews(kept);
    files.history(await historyOf(raw, dataset, { shown: kept, repeated: whole.repeated.size, held: receipt.rows }));
    await rememberBackup(raw, dataset, { name: files.name(), held: receipt.rows });
    files.commit();
    const extra = { ...(refused > 0 ? { erased: refused } : {}), ...(tooOld() > 0 ? { tooOld: tooOld() } : {}) };
    return { kind: 'done', facts: { rows: kept.length, new: added, edited, unchanged, ...whole.facts, ...extra, ...maskedFacts(door) }, headline: wording.collected(added, edited), receipt };
  } finally {
    files.discard();
  }
}
