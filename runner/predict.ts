import { hasJournals, journalsOf } from './aside.ts';
import { assess } from './assess.ts';
import type { Assessment, Forecast } from './assess.ts';
import type { Pipeline, Problem, Reason, Result, Stage } from './model.ts';
import { decide, isData } from './plan.ts';
import type { Decision } from './plan.ts';
import { readRecord } from './record.ts';
import type { StageRecord } from './record.ts';
import type { Selection } from './selection.ts';
import { writerOf } from './selection.ts';
import type { Surroundings } from './surroundings.ts';
import { wording } from './wording.ts';

/** What would become of a stage. `may-run`: it is fresh or held as things stand, but a stage before it has to run first. */
export interface Prediction {
  readonly name: string;
  readonly state: 'fresh' | 'held' | 'restore' | 'run' | 'may-run';
  readonly reasons: readonly Reason[];
  readonly record: StageRecord | undefined;
}

export interface PredictOptions {
  readonly pipeline: Pipeline;
  readonly selection: Selection;
  readonly surroundings: Surroundings;
  readonly isForced: boolean;
}

/** As the next run will find it: with the last good record back, where a killed run had taken it away. */
function recordOf(workspace: string): (stage: string) => StageRecord | undefined {
  const taken = new Map<string, StageRecord>();
  if (hasJournals(workspace)) {
    for (const { stage, record, hash } of journalsOf(workspace)) if (record !== null) taken.set(stage, { ...record, attempt: { kind: 'killed', hash } });
  }
  return (stage) => readRecord(workspace, stage) ?? taken.get(stage);
}

interface Outlook {
  readonly predictions: Map<string, Prediction>;
  /** Hashes of the outs that would be restored. */
  readonly restored: Map<string, string>;
  /** For a stage that may run: the one that has to run first, however far up. */
  readonly causes: Map<string, string>;
}

function forecastFrom({ predictions, restored, causes }: Outlook, pipeline: Pipeline): Forecast {
  return (dep) => {
    const writer = writerOf(pipeline, dep);
    const state = writer === undefined ? undefined : predictions.get(writer)?.state;
    if (writer === undefined || state === undefined || state === 'fresh' || state === 'held') return undefined;
    const hash = restored.get(dep);
    return hash === undefined ? { unknown: causes.get(writer) ?? writer } : { hash };
  };
}

interface Judgement {
  readonly state: Prediction['state'];
  readonly reasons: readonly Reason[];
  /** Hashes of the outs that would be restored. */
  readonly outs: Readonly<Record<string, string>>;
}

async function judge(assessment: Assessment, decision: Decision, options: PredictOptions): Promise<Judgement> {
  const { reasons } = decision;
  const [unsure] = assessment.uncertain;
  const { stage } = assessment.situation;
  if (unsure !== undefined && (decision.kind !== 'run' || (stage.when !== undefined && reasons.every(isData)))) {
    return { state: 'may-run', reasons: [{ kind: 'upstream', text: wording.mayRun(unsure) }, ...reasons], outs: {} };
  }
  if (decision.kind !== 'run') return { state: decision.kind, reasons, outs: {} };
  if (!decision.mayRestore || unsure !== undefined) return { state: 'run', reasons, outs: {} };
  // Loaded here: in the usual run there is nothing to restore.
  const [{ openCache }, { offerFor }] = await Promise.all([import('./cache.ts'), import('./offer.ts')]);
  const { workspace } = options.pipeline.roots;
  const { disk, hashes } = options.surroundings;
  const stored = offerFor(workspace, openCache({ workspace, disk, hashes }), assessment);
  return stored === undefined ? { state: 'run', reasons, outs: {} } : { state: 'restore', reasons, outs: stored.outs };
}

/**
 * What a run would do, stage by stage, without doing any of it: the very decisions of a run, but for stages whose deps are
 * still to be written. Reads only, so it needs no lock.
 */
export async function predict(options: PredictOptions): Promise<Result<readonly Prediction[]>> {
  const { pipeline, selection, surroundings } = options;
  const { workspace } = pipeline.roots;
  const outlook: Outlook = { predictions: new Map(), restored: new Map(), causes: new Map() };
  const forecast = forecastFrom(outlook, pipeline);
  const lastRecord = recordOf(workspace);
  const problems: Problem[] = [];
  const isIdle = (): boolean => outlook.predictions.values().every(({ state }) => state === 'fresh' || state === 'held');

  async function one(stage: Stage): Promise<void> {
    const record = lastRecord(stage.name);
    // A `finally` stage follows what runs; by itself it is only looked at in a run of the whole pipeline, or by its name.
    if (stage.finally && isIdle() && selection.targets.size > 0 && !selection.targets.has(stage.name)) {
      outlook.predictions.set(stage.name, { name: stage.name, state: 'fresh', reasons: [], record });
      return;
    }
    const isForced = isForcedStage(options, stage);
    const assessed = await assess(stage, { pipeline, surroundings, record, isForced, didSomething: stage.finally !== false && !isIdle(), forecast });
    if (!assessed.ok) {
      problems.push(...assessed.problems);
      return;
    }
    const decision = decide(assessed.value.situation);
    const { state, reasons, outs } = await judge(assessed.value, decision, options);
    outlook.predictions.set(stage.name, { name: stage.name, state, reasons, record });
    const [cause] = assessed.value.uncertain;
    if (state === 'may-run' && cause !== undefined) outlook.causes.set(stage.name, cause);
    for (const [out, hash] of Object.entries(outs)) outlook.restored.set(out, hash);
  }

  for (const stage of selection.stages) await one(stage);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: [...outlook.predictions.values()] };
}

/** --force means every selected stage, upstream ones too, as in DVC (with --single the named ones); `finally` stages follow anyway. */
export function isForcedStage(options: { readonly isForced: boolean; readonly selection: Selection }, stage: Stage): boolean {
  return options.isForced && (!stage.finally || options.selection.targets.has(stage.name));
}
