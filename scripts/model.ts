// Versions of the model: pnpm model list | show | promote | rollback
import { userInfo } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readRegistry } from '../registry/registry.ts';
import { promoteByHand, rollBack, versionsOf } from '../registry/serve-model.ts';
import type { Served } from '../registry/serve-model.ts';
import { readVersion } from '../registry/versions.ts';
import { datasetOf } from '../schema/app.ts';
import type { DatasetRegistry } from '../schema/registry.ts';
import { named, workspaceThere } from './data/place.ts';
import { table } from './model/table.ts';
import { USAGE, wording } from './model/wording.ts';

interface Place {
  readonly workspace: string;
  readonly models: string;
  readonly dataset: string;
  readonly known: DatasetRegistry;
}

const OPTIONS = { workspace: { type: 'string' }, source: { type: 'string' }, app: { type: 'string' }, reason: { type: 'string' }, actor: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

function fail(message: string, code = 1): number {
  console.error(`error: ${message}`);
  return code;
}

function list({ models, dataset, known }: Place, asJson: boolean): number {
  const versions = versionsOf(known).toReversed().map((version) => {
    const manifest = readVersion(models, version)?.manifest;
    const { champion, challenger } = known.aliases;
    const state = version === champion ? 'champion' : version === challenger ? 'challenger' : known.rolledBack.includes(version) ? 'rolled back' : '';
    const since = known.log.findLast((event) => event.version === version)?.at ?? '';
    return { version, state, estimator: manifest?.estimator ?? 'files missing or broken', macroF1: manifest?.testMacroF1 ?? null, interval: manifest?.reference.interval ?? null, rows: manifest?.trainedRows ?? null, since };
  });
  if (asJson) console.log(JSON.stringify({ dataset, versions }, null, 2));
  else {
    const cell = (value: number | null | undefined): string => value?.toFixed(3) ?? '';
    console.log(`${dataset}\n\n${table(['version', 'state', 'macro-F1', '95% interval', 'rows', 'estimator', 'last change'], versions.map(({ version, state, macroF1, interval, rows, estimator, since }) => [version, state, cell(macroF1), interval === null ? '' : `${cell(interval[0])}-${cell(interval[1])}`, String(rows ?? ''), estimator, since]))}`);
  }
  return 0;
}

function show({ models, known }: Place, version: string, asJson: boolean): number {
  const events = known.log.filter((event) => event.version === version || event.previous === version);
  const manifest = readVersion(models, version)?.manifest ?? null;
  if (asJson) {
    console.log(JSON.stringify({ manifest, events }, null, 2));
    return 0;
  }
  if (manifest === null) console.log(wording.broken(version));
  else {
    const { estimator, trainedRows, features, testMacroF1, crossValidated, reference } = manifest;
    const [low, high] = reference.interval;
    console.log(`${version}  ${estimator}\n  trained on ${trainedRows} reviews until ${reference.until}, ${features} features\n  macro-F1 ${testMacroF1.toFixed(3)} on test rows (95% ${low.toFixed(3)} to ${high.toFixed(3)}), cross-validated ${crossValidated.mean.toFixed(3)} +- ${crossValidated.deviation.toFixed(3)}`);
  }
  console.log(`\n${table(['when', 'what', 'version', 'before', 'by', 'why'], events.map(({ at, action, version: of, previous, actor, reason }) => [at, action, of, previous ?? '', actor, reason]))}`);
  return 0;
}

/** A version by its beginning, as people copy it; a sentence where there is none or more than one. */
function resolve(place: Place, typed: string): { readonly ok: true; readonly version: string } | { readonly ok: false; readonly why: string } {
  const known = versionsOf(place.known);
  const matches = known.filter((version) => version.startsWith(typed));
  const [first] = matches;
  if (first === undefined) return { ok: false, why: wording.unknown(typed, known) };
  return matches.length > 1 ? { ok: false, why: wording.ambiguous(typed, matches) } : { ok: true, version: first };
}

function tell(served: Served): number {
  switch (served.kind) {
    case 'served':
      console.log(wording.served(served));
      return 0;
    case 'mended':
      console.log(wording.mended(served));
      return 0;
    case 'already':
      console.log(wording.already(served.version));
      return 0;
    case 'unknown-version':
      return fail(wording.unknown(served.version, served.known));
    case 'broken-version':
      return fail(wording.broken(served.version));
    case 'no-earlier':
      return fail(wording.noEarlier);
    case 'never-champion':
      return fail(wording.neverChampion(served.version, served.champions));
    case 'failed':
      return fail(wording.failed(served.failure));
    default: {
      const never: never = served;
      return never;
    }
  }
}

interface Flags {
  readonly workspace?: string;
  readonly source?: string;
  readonly app?: string;
  readonly reason?: string;
  readonly actor?: string;
  readonly json?: boolean;
  readonly help?: boolean;
}

async function change(place: Place, command: 'promote' | 'rollback', { typed, flags }: { readonly typed: string | undefined; readonly flags: Flags }): Promise<number> {
  const reason = flags.reason?.trim() ?? '';
  if (reason === '') return fail(wording.noReason, 2);
  const resolved = typed === undefined ? undefined : resolve(place, typed);
  if (resolved?.ok === false) return fail(resolved.why);
  const wish = { workspace: place.workspace, dataset: place.dataset, actor: flags.actor ?? userInfo().username, reason, now: new Date() };
  if (command === 'rollback') return tell(await rollBack({ ...wish, version: resolved?.version ?? null }));
  return resolved === undefined ? fail(wording.noVersion, 2) : tell(await promoteByHand({ ...wish, version: resolved.version }));
}

/** How many words follow each command, at most. */
const WORDS = { list: 0, show: 1, promote: 1, rollback: 1 } as const;

const isCommand = (word: string | undefined): word is keyof typeof WORDS => word !== undefined && Object.hasOwn(WORDS, word);

/** What the registry knows of the dataset that is meant, or the exit code where nothing can be done. */
function placeOf(flags: Flags): Place | number {
  const there = workspaceThere(flags.workspace);
  if (!there.ok) {
    console.error(there.why);
    return 2;
  }
  const place = named(flags);
  if (!place.ok) return fail(place.why, 2);
  const { workspace } = there;
  const [models, dataset] = [path.join(workspace, 'models'), datasetOf(place.source, place.app)];
  const registry = readRegistry(models);
  if (!registry.ok) return fail(wording.failed(registry.failure));
  const known = registry.value.datasets[dataset];
  return known === undefined ? fail(wording.noDataset(dataset, Object.keys(registry.value.datasets))) : { workspace, models, dataset, known };
}

/** A word that an unset variable of a shell left blank would be the beginning of every version; a sentence of the first one. */
function blankOf(words: readonly string[], { workspace, source, app, actor }: Flags): string | undefined {
  if (words.some((word) => word.trim() === '')) return wording.blankVersion;
  const [flag] = Object.entries({ workspace, source, app, actor }).find(([, value]) => value?.trim() === '') ?? [];
  return flag === undefined ? undefined : wording.blankFlag(flag);
}

export async function main(args: readonly string[]): Promise<number> {
  let parsed: { readonly values: Flags; readonly positionals: readonly string[] };
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, 2);
  }
  const { values: flags, positionals: [command, ...words] } = parsed;
  if (flags.help === true) {
    console.log(USAGE);
    return 0;
  }
  if (!isCommand(command)) return fail(`${command === undefined ? 'Name a command' : `Unknown command "${command}"`}\n\n${USAGE}`, 2);
  const extra = words.slice(WORDS[command]);
  if (extra.length > 0) return fail(`${wording.tooMany(extra)}\n\n${USAGE}`, 2);
  const blank = blankOf(words, flags);
  if (blank !== undefined) return fail(blank, 2);
  const [typed] = words;
  const place = placeOf(flags);
  if (typeof place === 'number') return place;
  switch (command) {
    case 'list':
      return list(place, flags.json === true);
    case 'show': {
      const resolved = typed === undefined ? { ok: false as const, why: wording.noVersion } : resolve(place, typed);
      return resolved.ok ? show(place, resolved.version, flags.json === true) : fail(resolved.why);
    }
    case 'promote':
    case 'rollback':
      return change(place, command, { typed, flags });
    default: {
      const never: never = command;
      return never;
    }
  }
}
