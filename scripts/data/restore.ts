// Fills both stores again from data/collect, after they were lost: pnpm data restore
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readRows } from '../../records/read-csv.ts';
import { readJsonl } from '../../records/jsonl.ts';
import { sentence } from '../../records/wording.ts';
import { datasetOf } from '../../schema/app.ts';
import { Review, ReviewRevision } from '../../schema/review.ts';
import { ERASED_FILE, erasedOf } from '../../storage/erased.ts';
import { attempt } from '../../storage/failure.ts';
import { openRawStore } from '../../storage/open-raw-store.ts';
import type { RawStore } from '../../storage/raw-store.ts';
import { CODE, alone, workspaceOf } from './place.ts';

const USAGE = `Usage: pnpm data restore [--workspace DIR] [--no-publish] [--set key=value …]

Rebuilds the raw store from data/collect/reviews.csv and history.jsonl, then publishes into the SQL store again. The stores are
those of the environment (MONGODB_URI, DATABASE_URL), or the embedded ones. What a store already holds stays.`;

/**
 * Tells the store everything in the order in which it happened: first what each review said at first, then at its first edit,
 * and so on, with deletions where they were noticed; last what it says now. So the history comes out as it was.
 */
async function replay(raw: RawStore, dataset: string, { reviews, history }: { readonly reviews: readonly Review[]; readonly history: readonly ReviewRevision[] }): Promise<number> {
  const byId = new Map<string, ReviewRevision[]>();
  for (const revision of history) byId.set(revision.id, [...(byId.get(revision.id) ?? []), revision]);
  const lists = [...byId.values()].map((list) => list.toSorted((a, b) => a.revision - b.revision));
  const rounds = Math.max(0, ...lists.map(({ length }) => length));
  for (let round = 0; round < rounds; round++) {
    const turn = lists.flatMap((list) => list[round] ?? []);
    await raw.upsert(dataset, turn.map(({ review }) => review));
    for (const { id, goneAt } of turn) if (goneAt !== null) await raw.markGone(dataset, [id], goneAt);
  }
  await raw.upsert(dataset, reviews);
  return reviews.length;
}

async function restoreRaw(workspace: string): Promise<{ readonly ok: true; readonly said: string } | { readonly ok: false; readonly why: string }> {
  const read = readRows(path.join(workspace, 'data/collect/reviews.csv'), Review, 'data/collect/reviews.csv');
  if (!read.ok) {
    const { problem, remedy } = sentence(read.problem);
    return { ok: false, why: `${problem}; ${remedy}` };
  }
  const [first] = read.rows;
  if (first === undefined) return { ok: false, why: 'data/collect/reviews.csv holds no review' };
  const file = path.join(workspace, 'data/collect/history.jsonl');
  const lines = existsSync(file) ? readJsonl(file, 'data/collect/history.jsonl') : { ok: true as const, rows: [] };
  if (!lines.ok) return { ok: false, why: sentence(lines.problem).problem };
  const history = lines.rows.flatMap(({ value }) => ReviewRevision.safeParse(value).data ?? []);
  if (history.length < lines.rows.length) return { ok: false, why: `data/collect/history.jsonl has ${lines.rows.length - history.length} lines that are no earlier reviews` };
  const dataset = datasetOf(first.source, first.app);
  const opened = await openRawStore({ folder: path.join(workspace, 'stores/raw'), uri: process.env.MONGODB_URI });
  if (!opened.ok) return { ok: false, why: `${opened.failure.target}: ${opened.failure.why}` };
  const raw = opened.value;
  const restored = await attempt(raw.failureOf, async () => {
    await raw.unstamp(dataset);
    const erased = erasedOf(path.join(workspace, ERASED_FILE), dataset);
    if (erased.length > 0) await raw.bury(dataset, erased);
    await replay(raw, dataset, { reviews: read.rows, history });
    return raw.stamp(dataset);
  });
  await attempt(raw.failureOf, () => raw.close());
  if (!restored.ok) return { ok: false, why: `${restored.failure.target}: ${restored.failure.why}` };
  return { ok: true, said: `${raw.target} holds ${restored.value.rows} reviews of ${dataset} again, with ${history.length} earlier versions` };
}

export async function run(args: readonly string[]): Promise<number> {
  let values: { readonly workspace?: string; readonly 'no-publish'?: boolean; readonly set?: readonly string[]; readonly help?: boolean };
  try {
    ({ values } = parseArgs({ args: [...args], options: { workspace: { type: 'string' }, 'no-publish': { type: 'boolean' }, set: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } } }));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const workspace = workspaceOf(values.workspace);
  const code = await alone(workspace, async () => {
    const restored = await restoreRaw(workspace);
    if (restored.ok) console.log(restored.said);
    else console.error(`error: Cannot restore the raw store: ${restored.why}`);
    return restored.ok ? 0 : 1;
  });
  if (code !== 0 || values['no-publish'] === true) return code;
  // What comes after the raw store is computed, not kept: the pipeline's own stage does it, alone, without asking any source.
  const published = spawnSync(process.execPath, [path.join(CODE, 'runner/repro.js'), 'publish', '--single', '--workspace', workspace, ...(values.set ?? []).flatMap((set) => ['--set', set])], { stdio: 'inherit' });
  return published.status ?? 1;
}
