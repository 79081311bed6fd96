import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { datasetOf } from '../../schema/app.ts';
import { COLLECTED, HISTORY, OTHERS, REVIEWS, datasetIn, isBackup, lookAt, nameIn, otherFolder, otherFolders, readBackup } from '../../storage/backup.ts';
import { isNewer, knownBackups, rememberBackup } from '../../storage/known-backups.ts';
import type { StageContext, StageOutcome } from '../context.ts';
import { openAges } from '../privacy/retention.ts';
import { wording } from '../wording-collect.ts';
import { wording as data } from '../wording-data.ts';
import type { Failed } from '../wording-data.ts';
import { writeBackup } from './export.ts';
import type { Collecting } from './whole.ts';

type Backed = Pick<Collecting, 'context' | 'raw' | 'since' | 'dataset'>;

const collected = (context: StageContext): string => path.dirname(context.path(`${COLLECTED}/${REVIEWS}`));

/** Where another dataset is collected from now on, what was exported before stays the backup of its own. The sample can be made again. */
function keepOther(context: StageContext, dataset: string): void {
  const folder = collected(context);
  const before = datasetIn(folder);
  if (before === undefined || before === dataset || before.startsWith('sample:')) return;
  const kept = context.path(otherFolder(before));
  mkdirSync(kept, { recursive: true });
  for (const name of [REVIEWS, HISTORY]) if (existsSync(path.join(folder, name))) copyFileSync(path.join(folder, name), path.join(kept, name));
}

/** The folders that hold a backup of the dataset, the older one first, with their names for people. What is of nobody knows what may be of the configured one. */
function foldersOf({ context, dataset: configured }: Backed, dataset: string): readonly (readonly [string, string])[] {
  const [other, main] = [otherFolder(dataset), collected(context)];
  const folders: (readonly [string, string])[] = isBackup(context.path(other)) ? [[context.path(other), other]] : [];
  const seen = lookAt(main);
  return (seen.kind === 'unreadable' && dataset === configured) || (seen.kind === 'of' && seen.dataset === dataset) ? [...folders, [main, COLLECTED]] : folders;
}

/**
 * What the backup holds and the store does not is told to the store first: an export of what a lost, emptied or older store knows
 * would overwrite the backup with less. The store knows the backups that it wrote itself; any other one is taken over, as where
 * another store went on in the meantime. Number of reviews that came back. A backup that cannot be read is in the way only where
 * the store holds nothing that could take its place.
 */
export async function takeBack(backed: Backed, dataset: string): Promise<number | Failed> {
  const { context, raw, since } = backed;
  const folders = foldersOf(backed, dataset);
  if (folders.length === 0) return 0;
  const known = await knownBackups(raw, dataset);
  const taken: string[] = [];
  let back = 0;
  for (const [folder, shown] of folders) {
    const held = await raw.count(dataset);
    const name = nameIn(folder);
    if (known.names.includes(name) && held >= known.held) continue;
    const backup = readBackup(folder, shown);
    if (!backup.ok) {
      const { problem, where } = data.records(backup.problem);
      if (held === 0) return wording.lostBackup(problem, where ?? shown);
      context.log(wording.noBackup(problem));
      continue;
    }
    await raw.unstamp(dataset);
    back += await raw.restore(dataset, backup.rows, { isNewer: isNewer(known, name) });
    taken.push(name);
  }
  if (back > 0) await (await openAges({ context, raw, since }, dataset)).drop();
  // Where this run ends before it has written a backup of its own, the next one does not overrule again what was learned since.
  for (const name of taken) await rememberBackup(raw, dataset, { name, held: await raw.count(dataset) });
  if (back === 0) return 0;
  context.log(wording.takenBack(back, dataset, raw.target));
  context.emit('collect-restored', { dataset, reviews: back });
  return back;
}

/** Writes what the store holds of a dataset that is not the configured one. */
export async function backUp({ context, raw }: Backed, dataset: string): Promise<void> {
  const backup = { reviews: await raw.all(dataset), history: await raw.history(dataset) };
  await writeBackup(context.path(otherFolder(dataset)), backup, async (name) => rememberBackup(raw, dataset, { name, held: await raw.count(dataset) }));
}

/**
 * After an export: its dataset needs no other backup, and the backups of those that were not collected in this run grow old
 * like everything else.
 */
async function tidyBackups({ context, raw, since }: Backed, dataset: string, current: ReadonlySet<string>): Promise<void> {
  rmSync(context.path(otherFolder(dataset)), { recursive: true, force: true });
  if (since === null) return;
  for (const name of otherFolders(context.path(OTHERS))) {
    if (current.has(name.replace('/', ':'))) continue;
    const [folder, shown] = [path.join(context.path(OTHERS), name), `${OTHERS}/${name}`];
    const backup = readBackup(folder, shown);
    if (!backup.ok) continue;
    const { reviews, history } = backup.rows;
    const other = name.replace('/', ':');
    const { isYoung } = await openAges({ context, raw, since }, other);
    if (isYoung === null) continue;
    const young = reviews.filter(isYoung);
    const ids = new Set(young.map(({ id }) => id));
    const shownBefore = new Set(reviews.map(({ id }) => id));
    const earlier = history.filter(({ id, review: { at } }) => (shownBefore.has(id) ? ids.has(id) : isYoung({ id, at })));
    if (young.length === reviews.length && earlier.length === history.length) continue;
    const isKnown = (await knownBackups(raw, other)).names.includes(nameIn(folder));
    await writeBackup(folder, { reviews: young, history: earlier }, async (written) => {
      // One of another store, of which this one does not hold all, stays unknown to it.
      if (isKnown) await rememberBackup(raw, other, { name: written, held: await raw.count(other) });
    });
  }
}

/** Collects the configured dataset: what its backup holds comes back before, and backups are kept in order after. */
export async function withBackup(collecting: Collecting, collect: () => Promise<StageOutcome>): Promise<StageOutcome> {
  const { context, dataset, params } = collecting;
  keepOther(context, dataset);
  const back = await takeBack(collecting, dataset);
  if (typeof back !== 'number') return back;
  const outcome = await collect();
  if (outcome.kind === 'failed') return outcome;
  await tidyBackups(collecting, dataset, new Set(params.source === 'play' ? params.play.apps.map((app) => datasetOf('play', app)) : []));
  return back === 0 ? outcome : { ...outcome, headline: [outcome.headline, wording.cameBack(back)].filter((part) => part !== undefined).join('; '), facts: { ...outcome.facts, restored: back } };
}
