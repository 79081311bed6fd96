import { z } from 'zod';
import { createPredictor } from '../ml/predict.ts';
import { writeJson } from '../records/json.ts';
import { receiptOf } from '../registry/check-registry.ts';
import { decide } from '../registry/gate.ts';
import type { Contender } from '../registry/gate.ts';
import type { Attempt } from '../registry/failure.ts';
import { RUN_WAIT_MS, withRegistryLock } from '../registry/lock.ts';
import { promote, readDataset, register, reject } from '../registry/registry.ts';
import { storeVersion } from '../registry/versions.ts';
import { AppId, Source, datasetOf } from '../schema/app.ts';
import type { SplitReview } from '../schema/clean-review.ts';
import { MetricsReport, Selection } from '../schema/metrics.ts';
import { GateParams } from '../schema/params.ts';
import type { DatasetRegistry, Decision, ModelManifest } from '../schema/registry.ts';
import type { Facts, StageContext, StageRun } from './context.ts';
import { documentUnder, stemFor } from './learning/documents.ts';
import { modelFile, readJson, readModel } from './learning/json-files.ts';
import type { ModelFile } from './learning/json-files.ts';
import { newestOf, referenceOf } from './learning/reference.ts';
import { score } from './learning/scoring.ts';
import { readSide } from './learning/split-rows.ts';
import { readStanding } from './learning/standing.ts';
import { parseParams } from './params/parse.ts';
import { wording } from './wording-learning.ts';
import type { Failed } from './wording-learning.ts';

const Params = z.object({ collect: z.object({ source: Source, app: AppId }), gate: GateParams });

interface Sides {
  readonly train: readonly SplitReview[];
  readonly test: readonly SplitReview[];
}

/** Macro-F1 of the champion on the test rows of this run, its tokens made as it learned them. */
function championScore({ artefact }: ModelFile, test: readonly SplitReview[]): number {
  const stem = stemFor(artefact.text);
  return score(createPredictor(artefact, stem), test.map((row) => documentUnder(row, artefact.text, stem)), test).scores.macro.f1;
}

/** What the registry keeps beside the model. The reference is taken now: it belongs to these rows. */
function manifestOf({ artefact, hash, version }: ModelFile, metrics: MetricsReport, { train, test }: Sides): ModelManifest {
  const { app, dataset, selected } = metrics;
  const found = metrics.estimators.find(({ estimator }) => estimator === selected);
  if (found === undefined) throw new RangeError(`Cannot describe the model as reports/metrics.json has no scores of "${selected}"`);
  const { features, crossValidation, test: scores, interval } = found;
  const reference = referenceOf({ train, test, predictor: createPredictor(artefact, stemFor(artefact.text)), macroF1: scores.macro.f1, interval });
  return {
    app, dataset, version, model: hash, estimator: selected, trainedRows: train.length, features,
    crossValidated: { mean: crossValidation.mean, deviation: crossValidation.deviation }, testMacroF1: scores.macro.f1, reference,
  };
}

/** Writes the decision into the registry. Doing it twice is doing it once, so that a run after a kill repairs. */
function apply(context: StageContext, { decision, dataset, candidate, reason }: Decision, sides: Sides): Attempt<DatasetRegistry> {
  const change = { models: context.path('models'), dataset, version: candidate, actor: 'pipeline', at: context.asOf, reason };
  const known = register(change);
  if (!known.ok) return known;
  switch (decision) {
    case 'promoted':
      return promote(change);
    case 'rejected':
      // Judged again as new rows come, the same candidate stays rejected since the first time: else the wait would never end.
      if (known.value.rejected?.version === candidate) return known;
      return reject({ ...change, rows: sides.train.length + sides.test.length, newest: newestOf([...sides.train, ...sides.test]) });
    case 'unchanged':
      return known;
    default: {
      const never: never = decision;
      return never;
    }
  }
}

interface Candidate {
  readonly dataset: string;
  readonly app: AppId;
  readonly gate: GateParams;
  readonly model: ModelFile;
  readonly manifest: ModelManifest;
  readonly sides: Sides;
}

interface Judged {
  readonly decision: Decision;
  readonly champion: Contender | null;
}

/** Under the lock: the gate asks the registry as it is now. Null where somebody made another version champion since its scores were taken. */
function settle(context: StageContext, { dataset, app, gate, model, manifest, sides }: Candidate, champion: Contender | null): Attempt<Judged | null> {
  const models = context.path('models');
  const known = readDataset(models, dataset);
  if (!known.ok) return known;
  const { aliases, rolledBack } = known.value;
  if (aliases.champion !== (champion?.version ?? null)) return { ok: true, value: null };
  const verdict = decide({ candidate: { version: model.version, macroF1: manifest.testMacroF1 }, champion, rolledBack, gate });
  const decision: Decision = { app, dataset, candidate: model.version, champion: champion?.version ?? null, ...verdict };
  storeVersion(models, { manifest, model: model.bytes });
  const applied = apply(context, decision, sides);
  return applied.ok ? { ok: true, value: { decision, champion } } : applied;
}

/** Scores take seconds, in which nobody has to wait who rolls back: they are taken without the lock, and again where the champion was exchanged meanwhile. */
async function judge(context: StageContext, candidate: Candidate): Promise<Judged | Failed> {
  const models = context.path('models');
  for (;;) {
    const before = readStanding(models, candidate.dataset);
    if (before.kind === 'failed') return before;
    const champion = before.champion === null ? null : { version: before.champion.manifest.version, macroF1: championScore(modelFile(before.champion.model), candidate.sides.test) };
    const settled = await withRegistryLock(models, () => settle(context, candidate, champion), { waitMs: RUN_WAIT_MS });
    if (!settled.ok) return wording.registry(settled.failure);
    if (settled.value !== null) return settled.value;
  }
}

/** What the team is told: who, against whom, by how much, and why. */
function rejection({ dataset, candidate, reason, criteria }: Decision, { testMacroF1, estimator, reference }: ModelManifest, champion: Contender | null): Facts {
  const [low, high] = reference.interval;
  const failed = criteria.flatMap(({ name, passed }) => (passed ? [] : [name])).join(', ');
  return { dataset, candidate, estimator, macroF1: testMacroF1, low, high, ...(champion === null ? {} : { champion: champion.version, championMacroF1: champion.macroF1 }), failed, reason };
}

/** Lets the candidate become champion if it passes the gate, and remembers it either way. */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { collect, gate } = parsed.params;
  const dataset = datasetOf(collect.source, collect.app);
  const [selection, metrics] = [readJson(context.path('data/select/selection.json'), Selection), readJson(context.path('reports/metrics.json'), MetricsReport)];
  for (const [file, found] of [['data/select/selection.json', selection.dataset], ['reports/metrics.json', metrics.dataset]] as const) {
    if (found !== dataset) return wording.otherDataset(file, found, dataset);
  }
  const [train, test] = [readSide(context, 'training'), readSide(context, 'test')];
  if (train.kind === 'failed') return train;
  if (test.kind === 'failed') return test;
  const sides = { train: train.rows, test: test.rows };
  const model = readModel(context.path('data/select/model.json'));
  const manifest = manifestOf(model, metrics, sides);
  const judged = await judge(context, { dataset, app: collect.app, gate, model, manifest, sides });
  if ('kind' in judged) return judged;
  const { decision, champion } = judged;
  writeJson(context.path('data/promote/decision.json'), decision);
  if (decision.decision === 'rejected') context.emit('gate-rejected', rejection(decision, manifest, champion));
  const { mean, deviation } = manifest.crossValidated;
  return {
    kind: 'done',
    facts: { decision: decision.decision, version: model.version, 'macro-F1': manifest.testMacroF1 },
    headline: wording.decided({ decision: decision.decision, estimator: manifest.estimator, mean, deviation, reason: decision.reason }),
    receipt: receiptOf(dataset, model.version, model.hash),
  };
};
