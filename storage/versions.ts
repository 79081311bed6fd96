import type { Review, ReviewRevision } from '../schema/review.ts';
import { documentOf } from './content.ts';

/** All that is known of a dataset outside of its store: what its reviews say, and what they said before. */
export interface Backup {
  readonly reviews: readonly Review[];
  readonly history: readonly ReviewRevision[];
}

/** What a review said for a time. In a list of them the last one is what it says now, the others are its history. */
export interface Version {
  readonly review: Review;
  /** Of its content, without what is no edit. */
  readonly hash: string;
  /** When it was noticed that the source no longer had it. */
  readonly gone: string | null;
}

export const versionOf = (review: Review, gone: string | null): Version => ({ review, hash: documentOf(review).hash, gone });

/**
 * The versions of each review of a backup, oldest first. A review that is in the history alone is one that the source no
 * longer had: deleted where its last line says when, else as that line says it.
 */
export function versionsIn({ reviews, history }: Backup): ReadonlyMap<string, readonly Version[]> {
  const byId = new Map<string, Version[]>();
  for (const { id, review, goneAt } of history.toSorted((a, b) => a.revision - b.revision)) {
    const list = byId.get(id) ?? [];
    list.push(versionOf(review, goneAt));
    byId.set(id, list);
  }
  // Where an id comes twice, the last one counts, as it does in the store.
  const now = new Map(reviews.map((review) => [review.id, review]));
  for (const [id, list] of byId) {
    const last = list.at(-1);
    if (!now.has(id) && last !== undefined && last.gone !== null) list.push(last);
  }
  for (const [id, review] of now) byId.set(id, [...(byId.get(id) ?? []), versionOf(review, null)]);
  return byId;
}

type Versions = readonly Version[];

/**
 * Whether `other`, laid beside `one` from a place of it on, says the same as far as both reach. The last of a list goes on: when
 * it ended, and whether by a deletion, may stand in the other list.
 */
function agree(one: Versions, other: Versions, place: number): boolean {
  for (let index = 0; index < other.length && place + index < one.length; index++) {
    const [a, b] = [one[place + index] as Version, other[index] as Version];
    const goesOn = place + index === one.length - 1 || index === other.length - 1;
    if (a.hash !== b.hash || (a.gone !== b.gone && !goesOn)) return false;
  }
  return true;
}

const places = (from: number, to: number): readonly number[] => Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

/**
 * What a store holds of a review and what a backup tells of it as one list; undefined where the backup tells nothing new, hence
 * also where it was told before. What they share is in it once; where they share nothing, the backup is what was before. What
 * the store says now stays, unless the backup goes on from it. Where both end with the same, one of them deleted and the other
 * there, that is what the store says, which may have been filled anew since; of a backup that is known to be newer (`isNewer`) it
 * is what the backup says.
 */
export function mergeVersions(held: Versions, told: Versions, isNewer = false): Versions | undefined {
  const [m, n] = [held.length, told.length];
  if (places(0, m - n).some((place) => agree(held, told, place))) return isNewer && m === n && held[m - 1]?.gone !== told[n - 1]?.gone ? told : undefined;
  const within = places(0, n - m).toReversed().find((place) => agree(told, held, place));
  if (within !== undefined) return within === n - m && !isNewer ? [...told.slice(0, -1), held[m - 1] as Version] : told;
  const before = places(Math.max(1, n - m + 1), n - 1).find((place) => agree(told, held, place));
  if (before !== undefined) return [...told.slice(0, before), ...held];
  const after = places(Math.max(1, m - n + 1), m - 1).find((place) => agree(held, told, place));
  if (after !== undefined) return [...held.slice(0, after), ...told];
  const last = told[n - 1] as Version;
  return [...told.slice(0, -1), { ...last, gone: null }, ...held];
}
