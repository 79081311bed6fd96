// Forgets reviews, wherever they left a trace: pnpm data erase gp:AOqpTOE…
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { sentence } from '../../registry/wording-registry.ts';
import { datasetOf } from '../../schema/app.ts';
import { ERASED_FILE, rememberErased } from '../../storage/erased.ts';
import { ERASING_FILE, addErasing, readErasing, writeErasing } from '../../storage/erasing.ts';
import type { Erasing } from '../../storage/erasing.ts';
import { saysDataset, setsOfRun } from './erase/again.ts';
import { rewriteBackups } from './erase/backups.ts';
import { learn } from './erase/learn.ts';
import type { Wanted } from './erase/learn.ts';
import { correctionsOf, removeReleases, removeTraces, stillShowing } from './erase/places.ts';
import { unshared } from './erase/shared.ts';
import { eachRawStore, eraseFromStores } from './erase/stores.ts';
import { CODE, alone, named, setsOf, workspaceThere } from './place.ts';
import { modelsWith } from './terms.ts';
import { wording } from './wording.ts';

const USAGE = `Usage: pnpm data erase [<review id> …] [--app ID] [--source play|file|sample] [--workspace DIR] [--no-run] [--set key=value …]

Erases reviews from the stores for good (they are not collected again), and from every file that shows them or was made of
them: stage outs, cache, logs, kept answers, releases; backups are written again without them. Then runs the pipeline for the dataset
that data/collect holds (or that --set names), so that models, predictions and the report are made without them, and looks at every
place again. Of which dataset the reviews are say --source and --app, else --set, else params.yaml. What is left to do is kept in ${ERASING_FILE} until all is done: without an id the
command goes on with that. Afterwards only hashes of the ids are kept, in ${ERASED_FILE}. Exit code: 0 all is erased and was
looked for, 1 something is left, or there is no such review, 2 wrong usage. A file that the source itself is read from is yours to mend.`;

/** Set for the run that belongs to an erasure: its hook need not finish what goes on here. */
const MARK = 'ULASAN_ERASING';

interface Task {
  readonly workspace: string;
  readonly file: string;
  readonly wanted: Wanted | undefined;
  /** The dataset that is named; undefined where the work goes on with what was named before. */
  readonly dataset: string | undefined;
  readonly set: readonly string[];
  readonly run: boolean;
}

const print = (line: string): void => console.log(line);
const complain = (line: string): void => console.error(line);

/** Adds what is asked for to what is still to be erased, before anything is removed. Undefined where that cannot be done. */
async function begin({ workspace, file, wanted, set }: Task): Promise<readonly Erasing[] | undefined> {
  let begun: readonly Erasing[];
  try {
    begun = readErasing(file);
  } catch {
    // Cut or written by somebody else: it may name reviews that nobody would think of again.
    complain(wording.unreadable(ERASING_FILE));
    return undefined;
  }
  if (begun.length > 0) print(wording.goesOn(begun.reduce((sum, { traces }) => sum + traces.length, 0)));
  if (wanted === undefined) return begun;
  const learned = await learn(wanted);
  if (!learned.ok) {
    complain(learned.why);
    return undefined;
  }
  for (const note of learned.notes) print(note);
  // From here on the next run looks at the store, finds what is still to do and says so, also if this process ends now.
  const failure = await eachRawStore(workspace, (raw) => raw.unstamp(learned.erasing.dataset));
  if (failure !== undefined) {
    complain(wording.unreachable(failure));
    return undefined;
  }
  const all = addErasing(begun, { ...learned.erasing, run: [...setsOfRun(workspace, { dataset: wanted.dataset, set })], isCleared: false });
  writeErasing(file, all);
  return all;
}

interface Forgotten {
  /** The pipeline can be run: it would collect from a raw store that holds them no more. */
  readonly raw: boolean;
  readonly all: boolean;
}

type Models = ReturnType<typeof modelsWith>;
/** Models that know a word, or two in a row, which nobody else used. */
const modelsOf = (workspace: string, erasing: readonly Erasing[]): Models => modelsWith(workspace, new Set(erasing.flatMap(({ terms }) => terms)));
const termsOf = (models: Models): readonly string[] => models.flatMap(({ terms }) => terms);

/** Removes files before reviews leave the stores: what ends this in between leaves nothing that nobody can name any more. */
async function forget({ workspace, file }: Task, all: readonly Erasing[]): Promise<Forgotten> {
  // First of all: if anything after this is cut, the reviews still do not come in again.
  for (const { dataset, traces } of all) rememberErased(path.join(workspace, ERASED_FILE), dataset, traces.map(({ id }) => id));
  // At first everything goes that shows a piece. What a run made since may be of a model that serves on.
  const isSince = all.every(({ isCleared }) => isCleared);
  const erasing = await unshared(workspace, all, isSince ? termsOf(modelsOf(workspace, all)) : []);
  const backups = await rewriteBackups(workspace, erasing);
  print(wording.backups(backups.count));
  print(wording.files(removeTraces(workspace, erasing, backups.files)));
  const { raw, sql, failures, isRawDone } = await eraseFromStores(workspace, erasing, backups.renamed);
  print(wording.stores({ raw, sql, of: erasing.reduce((sum, { traces }) => sum + traces.length, 0) }));
  // A later try, also the one of a run's hook, leaves what is made from here on.
  if (isRawDone) writeErasing(file, all.map((one) => ({ ...one, isCleared: true })));
  if (failures.length > 0) complain(wording.left(failures));
  return { raw: isRawDone, all: failures.length === 0 };
}

/** Looks once more at everything, and says what is left; where nothing is, the erasure is over. */
async function verify({ workspace, file }: Task, all: readonly Erasing[], isForgotten: boolean): Promise<boolean> {
  const erasing = await unshared(workspace, all, termsOf(modelsOf(workspace, all)));
  const removed = await removeReleases(workspace, erasing);
  if (removed.ok) print(wording.releases(removed.value));
  else complain(sentence(removed.failure));
  const [left, corrections] = [stillShowing(workspace, erasing), correctionsOf(workspace, erasing)];
  for (const one of left) complain(wording.still(one));
  for (const one of corrections) complain(wording.corrections(one));
  for (const { file: model, terms: found } of modelsOf(workspace, all)) print(wording.terms(path.relative(workspace, model), found.length));
  if (!isForgotten || left.length > 0 || corrections.length > 0) {
    complain(wording.unfinished);
    return false;
  }
  writeErasing(file, []);
  if ((process.env.MONGODB_URI ?? process.env.DATABASE_URL ?? '') !== '') print(wording.servers);
  print(wording.verified);
  return true;
}

/** Runs the pipeline as was noted when the erasure began, or as is said now. Whether it went through. */
function makeAgain({ workspace, wanted, set, dataset }: Task, erasing: readonly Erasing[]): boolean {
  const last = erasing.at(-1);
  const noted = last?.run ?? [];
  const isNoted = noted.length > 0 && (wanted !== undefined || set.length === 0);
  const sets = isNoted ? noted : setsOfRun(workspace, { dataset: dataset ?? last?.dataset ?? '', set });
  const made = sets.slice(-2);
  for (const one of erasing) if (setsOf(one.dataset).join() !== made.join()) print(wording.otherRun(one.dataset));
  const args = ['--workspace', workspace, ...sets.flatMap((one) => ['--set', one])];
  const { status } = spawnSync(process.execPath, [path.join(CODE, 'runner/repro.js'), ...args], { stdio: 'inherit', env: { ...process.env, [MARK]: '1' } });
  if (status !== 0) complain(wording.runFailed(sets));
  return status === 0;
}

/** The report goes on being served until the new one is there; where none is made, it ends at once. */
async function erase(task: Task): Promise<number> {
  let erasing: readonly Erasing[] | undefined;
  let forgotten: Forgotten = { raw: false, all: false };
  await alone(task.workspace, async () => {
    erasing = await begin(task);
    if (erasing !== undefined && erasing.length > 0) forgotten = await forget(task, erasing);
    return 0;
  });
  if (erasing === undefined) return 1;
  if (erasing.length === 0) return 0;
  const isMade = !task.run || !forgotten.raw || makeAgain(task, erasing);
  return alone(task.workspace, async () => ((await verify(task, erasing ?? [], forgotten.all)) && isMade ? 0 : 1));
}

const OPTIONS = { app: { type: 'string' }, source: { type: 'string' }, workspace: { type: 'string' }, 'no-run': { type: 'boolean' }, resume: { type: 'boolean' }, set: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } } as const;

function usage(problem: string): number {
  console.error(`${problem}\n\n${USAGE}`);
  return 2;
}

export async function run(args: readonly string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help === true) {
    print(USAGE);
    return 0;
  }
  // What the hook of a run asks for: nothing else is to be made, and most often nothing is left to do.
  const isHook = values.resume === true;
  if (isHook && process.env[MARK] !== undefined) return 0;
  const there = workspaceThere(values.workspace);
  if (!there.ok) {
    complain(there.why);
    return 2;
  }
  const { workspace } = there;
  const file = path.join(workspace, ERASING_FILE);
  const ids = [...new Set(positionals)];
  if (ids.length === 0 && !existsSync(file)) return isHook ? 0 : usage(wording.noId);
  const [place, set] = [named(values), values.set ?? []];
  if (!place.ok) return usage(place.why);
  const dataset = datasetOf(place.source, place.app);
  const wanted = ids.length === 0 ? undefined : { workspace, dataset, ids };
  return erase({ workspace, file, wanted, dataset: wanted === undefined && !set.some(saysDataset) ? undefined : dataset, set, run: values['no-run'] !== true && !isHook });
}
