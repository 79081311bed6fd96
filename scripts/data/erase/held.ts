import { datasetOf } from '../../../schema/app.ts';
import type { Review } from '../../../schema/review.ts';
import type { Attempt } from '../../../storage/failure.ts';
import type { RawStore } from '../../../storage/raw-store.ts';
import { backupsOf } from './backups.ts';
import { eachRawStore } from './stores.ts';

/** A review or an earlier version of one, of a dataset. */
export interface Held {
  readonly dataset: string;
  readonly review: Review;
}

/** What the backups hold, in data/collect and its folder of others, of whatever dataset; nothing where one is missing or cannot be read. */
export function heldByFiles(workspace: string): { readonly now: readonly Held[]; readonly before: readonly Held[] } {
  const held = (review: Review): Held => ({ dataset: datasetOf(review.source, review.app), review });
  const backups = backupsOf(workspace).map(({ backup }) => backup);
  return { now: backups.flatMap(({ reviews }) => reviews.map(held)), before: backups.flatMap(({ history }) => history.map(({ review }) => held(review))) };
}

/** What the raw stores hold, of whatever dataset. `also` asks each of them for more while it is open. */
export async function heldByStores(workspace: string, also?: (raw: RawStore) => Promise<void>): Promise<Attempt<readonly Held[]>> {
  const held: Held[] = [];
  const failure = await eachRawStore(workspace, async (raw) => {
    for (const dataset of await raw.datasets()) {
      for (const review of await raw.all(dataset)) held.push({ dataset, review });
      for (const { review } of await raw.history(dataset)) held.push({ dataset, review });
    }
    await also?.(raw);
  });
  return failure === undefined ? { ok: true, value: held } : { ok: false, failure };
}
