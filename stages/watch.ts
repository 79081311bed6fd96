import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeJson } from '../records/json.ts';
import { readJsonl, writeJsonl } from '../records/jsonl.ts';
import { AppId, Source, datasetOf } from '../schema/app.ts';
import { WatchParams } from '../schema/params.ts';
import { QualityMoment, QualityReport } from '../schema/quality.ts';
import type { ClockCheck } from '../schema/quality.ts';
import { RunRecord } from '../schema/run-record.ts';
import type { StageContext, StageRun } from './context.ts';
import { parseParams } from './params/parse.ts';
import { judgeClock, judgeFuture, lastCollected } from './watch/judge.ts';
import { metricsOf } from './watch/metrics.ts';
import { wording as sentences } from './wording-quality.ts';

const Params = z.object({ collect: z.object({ source: Source, app: AppId }), watch: WatchParams });
/** Two years of a moment a day, or more. */
const MOMENTS_MAX = 2000;
/** Records that are looked through for the last time the source answered: older ones were looked through before. */
const RUNS_READ = 50;

/** When each dataset's source last answered: the records of the runs go, this stays. */
const Collected = z.record(z.string(), z.string());

function readQuality(file: string, dataset: string): QualityReport | null {
  const parsed = QualityReport.safeParse(readJson(file));
  // That of another dataset is left over from another source.
  return parsed.success && parsed.data.dataset === dataset ? parsed.data : null;
}

/** The newest records of the runs, oldest first; one that cannot be read tells nothing. */
function readRuns(runRecord: string): readonly RunRecord[] {
  const folder = path.dirname(runRecord);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json')).sort().slice(-RUNS_READ);
  return names.flatMap((name) => RunRecord.safeParse(readJson(path.join(folder, name))).data ?? []);
}

/** A file of JSON, or undefined: absent, or cut by a kill. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** When the source of a dataset last answered, by what was known and by the records of the runs; remembered from now on. */
function rememberCollected(file: string, dataset: string, seen: string | null): string | null {
  const known = Collected.safeParse(readJson(file)).data ?? {};
  const before = known[dataset] ?? null;
  const last = seen === null || (before !== null && before > seen) ? before : seen;
  writeJson(file, last === null ? known : { ...known, [dataset]: last });
  return last;
}

function readMoments(file: string): readonly QualityMoment[] {
  if (!existsSync(file)) return [];
  const lines = readJsonl(file);
  // A cut line costs the history, never a run.
  return lines.ok ? lines.rows.flatMap(({ value }) => QualityMoment.safeParse(value).data ?? []) : [];
}

/** A moment without its time: the next one is only kept if this differs, or on another day. */
const gist = ({ at, ...rest }: QualityMoment): string => JSON.stringify([at.slice(0, 10), rest]);

function keepMoment(file: string, moment: QualityMoment): void {
  const moments = readMoments(file);
  const last = moments.at(-1);
  if (last !== undefined && gist(last) === gist(moment)) return;
  writeJsonl(file, [...moments, moment].slice(-MOMENTS_MAX));
}

function momentOf(context: StageContext, use: { app: AppId; dataset: string; quality: QualityReport | null; clock: readonly ClockCheck[] }): QualityMoment {
  const { app, dataset, quality, clock } = use;
  return {
    at: context.asOf.replace(/\.\d+Z$/, 'Z'), app, dataset, rows: quality?.rows ?? 0, newest: quality?.newest ?? null,
    checks: (quality?.checks ?? []).map(({ rule, severity, passed, share }) => ({ rule, severity, passed, share })),
    clock: clock.map(({ rule, severity, passed, limit }) => ({ rule, severity, passed, limit })),
  };
}

/** Judges what needs the clock, keeps the history of the data's quality, and writes what the exporter shows of it. */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { collect, watch } = parsed.params;
  const { source, app } = collect;
  const dataset = datasetOf(source, app);
  const runs = context.runRecord === null ? [] : readRuns(context.runRecord);
  const quality = readQuality(context.path('reports/quality.json'), dataset);
  const collectedAt = rememberCollected(context.path('data/watch/collected.json'), dataset, lastCollected(runs, dataset));
  const situation = { now: context.asOf, params: watch, quality, collectedAt };
  const clock = [...(watch.sources.includes(source) ? judgeClock(situation) : []), judgeFuture(situation)];
  const history = context.path('data/watch/history.jsonl');
  keepMoment(history, momentOf(context, { app, dataset, quality, clock }));
  if (!existsSync(history)) writeJsonl(history, []);
  const added = runs.flatMap(({ stages }) => stages).findLast(({ name, state, facts }) => name === 'collect' && state === 'ran' && facts.dataset === dataset)?.facts.new;
  writeJson(context.path('data/watch/metrics.json'), metricsOf({ quality, clock, collectedAt, added: typeof added === 'number' ? added : null }));
  const failed = clock.filter(({ passed }) => !passed);
  for (const { rule, severity, value, limit } of failed) context.emit('stale-data', { rule, severity, value: value ?? 0, limit });
  const [error] = failed.filter(({ severity }) => severity === 'error');
  if (error !== undefined) return sentences.stale(error, quality?.newest ?? null);
  const headline = failed.map((check) => sentences.warning(check, quality?.newest ?? null)).join('\n');
  return { kind: 'done', facts: { stale: failed.length }, ...(headline === '' ? {} : { headline }) };
};
