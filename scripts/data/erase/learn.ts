import path from 'node:path';
import { tombstoneOf } from '../../../storage/content.ts';
import { ERASED_FILE, erasedOf } from '../../../storage/erased.ts';
import type { Erasing } from '../../../storage/erasing.ts';
import { wording } from '../wording.ts';
import { ownTerms } from '../terms.ts';
import { filesBeneath, shows, traceOf } from '../traces.ts';
import { textsOf } from './forms.ts';
import { heldByFiles, heldByStores } from './held.ts';
import type { Held } from './held.ts';

export interface Wanted {
  readonly workspace: string;
  readonly dataset: string;
  readonly ids: readonly string[];
}

/** Without what only the work itself knows. */
type Learning = Omit<Erasing, 'run' | 'isCleared'>;

export type Learned = { readonly ok: true; readonly erasing: Learning; readonly notes: readonly string[] } | { readonly ok: false; readonly why: string };

interface Going {
  readonly dataset: string;
  readonly wanted: ReadonlySet<string>;
}

/** Every place by which a file names an id; only asked for ids that no store knows and no backup, of whatever dataset. */
function isShown(workspace: string, id: string): boolean {
  const trace = { id, pieces: [], isOnly: true, isDistinct: false };
  return ['data', '.repro/cache', 'releases'].flatMap((folder) => filesBeneath(path.join(workspace, folder))).some((file) => shows(file, [trace], { shared: true }));
}

/** Which other datasets have a review of each id that is wanted. */
function elsewhere(held: readonly Held[], { dataset, wanted }: Going): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { dataset: name, review } of held) if (name !== dataset && wanted.has(review.id)) found.set(review.id, (found.get(review.id) ?? new Set()).add(name));
  return found;
}

/** Ids that a server is asked for in one question. */
const ASKED = 10_000;

/** All that is known of reviews, before anything of them is removed: what they said and say, and whether there are such reviews at all. */
export async function learn({ workspace, dataset, ids }: Wanted): Promise<Learned> {
  const wanted = new Set(ids);
  const known = new Set<string>();
  const files = heldByFiles(workspace);
  const backup = files.now.filter((held) => held.dataset === dataset).map(({ review }) => review.id);
  const stored = await heldByStores(workspace, async (raw) => {
    const asked = [...ids, ...backup];
    for (let start = 0; start < asked.length; start += ASKED) for (const id of await raw.known(dataset, asked.slice(start, start + ASKED))) known.add(id);
  });
  if (!stored.ok) return { ok: false, why: wording.unreachable(stored.failure) };
  const erased = new Set(erasedOf(path.join(workspace, ERASED_FILE), dataset));
  const isErased = (id: string): boolean => erased.has(tombstoneOf(dataset, id));
  const held = [...stored.value, ...files.now, ...files.before];
  const others = elsewhere(held, { dataset, wanted });
  // What shows an id that another dataset has is of that one: nothing of it would go for good, and its files would have to be made again.
  const unknown = ids.filter((id) => !known.has(id) && !backup.includes(id) && !isErased(id) && (others.has(id) || !isShown(workspace, id)));
  if (unknown.length > 0) return { ok: false, why: wording.unknown(unknown, dataset, unknown.flatMap((id) => [...(others.get(id) ?? [])])) };
  const missing = backup.filter((id) => !known.has(id) && !wanted.has(id) && !isErased(id)).length;
  if (missing > 0) return { ok: false, why: wording.notRestored(missing) };
  return { ok: true, erasing: judged(held, { dataset, wanted, others }), notes: [...others].map(([id, names]) => wording.elsewhere(id, [...names])) };
}

function judged(held: readonly Held[], { dataset, wanted, others }: Going & { readonly others: ReadonlyMap<string, unknown> }): Learning {
  const isGoing = (one: Held): boolean => one.dataset === dataset && wanted.has(one.review.id);
  const going = held.filter(isGoing).map(({ review }) => review);
  const staying = held.filter((one) => !isGoing(one)).map(({ review }) => review);
  const stays = { ids: staying.map(({ id }) => id), idsElsewhere: new Set(others.keys()) };
  const traces = [...wanted].map((id) => traceOf(id, going.filter((review) => review.id === id).flatMap(textsOf), stays));
  return { dataset, traces, terms: [...ownTerms(going, staying)] };
}
