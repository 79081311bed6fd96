import { restoreStage, runStage } from './act.ts';
import { assess } from './assess.ts';
import type { Assessment } from './assess.ts';
import type { Problem, Reason, Result, Stage } from './model.ts';
import { offerFor } from './offer.ts';
import { decide } from './plan.ts';
import type { Decision } from './plan.ts';
import { isForcedStage } from './predict.ts';
import { readRecord } from './record.ts';
import type { StageReport } from './run-record.ts';
import type { Selection } from './selection.ts';
import { failedWith } from './session.ts';
import type { Session, Settled } from './session.ts';
import { openSlots } from './slots.ts';
import type { Slots } from './slots.ts';
import { wording } from './wording.ts';

export interface ScheduleOptions {
  readonly selection: Selection;
  readonly isForced: boolean;
  readonly jobs: number;
  readonly keepGoing: boolean;
  /** Called after each stage, with all reports so far by name. */
  readonly onReport: (reports: ReadonlyMap<string, StageReport>) => void;
  /** Awaited before a `finally` stage starts, which reads the record of the run. */
  readonly beforeFinally: () => Promise<void>;
}

type Judged = { readonly assessment: Assessment; readonly decision: Decision };

const BAD = new Set(['failed', 'blocked', 'interrupted']);

function quiet(name: string, partial: Pick<StageReport, 'state' | 'reasons'> & Partial<StageReport>): StageReport {
  return { name, seconds: 0, secondsSaved: 0, log: null, facts: {}, headline: null, problem: null, events: [], changed: false, ...partial };
}

/** A fresh or held stage speaks through its record: what it told then still holds. */
function standing(judged: Judged): StageReport {
  const { stage, record } = judged.assessment.situation;
  const { kind, reasons } = judged.decision;
  const told = record === undefined ? {} : { secondsSaved: record.seconds, log: record.log, facts: record.facts, headline: record.headline };
  return quiet(stage.name, { state: kind === 'held' ? 'held' : 'fresh', reasons, ...told });
}

interface Scheduling {
  readonly session: Session;
  readonly options: ScheduleOptions;
  readonly slots: Slots;
  readonly reports: Map<string, StageReport>;
  /** Names of the stages that are no `finally` stages. */
  readonly ordinary: ReadonlySet<string>;
  /** The first stage that failed, once one did. */
  readonly failures: string[];
}

async function judge({ session, options, reports, ordinary }: Scheduling, stage: Stage): Promise<Result<Judged>> {
  const { pipeline, surroundings } = session;
  const isNews = ({ name, state, changed }: StageReport): boolean => ordinary.has(name) && (stage.finally === 'changed' ? changed : state === 'ran' || state === 'restored' || state === 'failed');
  const didSomething = stage.finally !== false && reports.values().some(isNews);
  const record = readRecord(pipeline.roots.workspace, stage.name);
  const assessed = await assess(stage, { pipeline, surroundings, record, isForced: isForcedStage(options, stage), didSomething });
  if (!assessed.ok) return assessed;
  return { ok: true, value: { assessment: assessed.value, decision: decide(assessed.value.situation) } };
}

/** Why a stage may not start although it should, or undefined. */
function hindrance({ session, options, failures }: Scheduling, stage: Stage): Reason | undefined {
  if (session.signal.aborted) return { kind: 'interrupted', text: wording.notStarted() };
  const [failure] = failures;
  if (failure === undefined || options.keepGoing || stage.finally) return undefined;
  return { kind: 'stopped', text: wording.stopped(failure) };
}

async function act(scheduling: Scheduling, stage: Stage, judged: Judged): Promise<Settled> {
  const { session } = scheduling;
  const { assessment, decision } = judged;
  if (decision.kind !== 'run') return { report: standing(judged), tail: [] };
  const hindered = hindrance(scheduling, stage);
  if (hindered !== undefined) return { report: quiet(stage.name, { state: 'blocked', reasons: [hindered, ...decision.reasons] }), tail: [] };
  session.emit({ kind: 'stage-started', stage: stage.name, reasons: decision.reasons });
  const stored = decision.mayRestore ? offerFor(session.pipeline.roots.workspace, session.cache, assessment) : undefined;
  const restored = stored === undefined ? undefined : await restoreStage(session, assessment, { stored, reasons: decision.reasons });
  return restored ?? runStage(session, assessment, decision.reasons);
}

/** With a slot where there is work to do; a stage that waited for one is looked at again, as its files may have changed. */
async function decideAndAct(scheduling: Scheduling, stage: Stage): Promise<Settled> {
  const judged = await judge(scheduling, stage);
  if (!judged.ok) return { report: failed(stage, judged.problems), tail: [] };
  if (judged.value.decision.kind !== 'run') return act(scheduling, stage, judged.value);
  const waited = await scheduling.slots.take();
  try {
    const now = waited && hindrance(scheduling, stage) === undefined ? await judge(scheduling, stage) : judged;
    if (!now.ok) return { report: failed(stage, now.problems), tail: [] };
    return await act(scheduling, stage, now.value);
  } finally {
    scheduling.slots.free();
  }
}

/**
 * Decides and runs the stages of a selection, each as soon as what is upstream of it is done, so many at a time. After a
 * failure those under way end and nothing new starts, unless `keepGoing`; what is still fresh is reported as fresh all the same.
 */
export async function schedule(session: Session, options: ScheduleOptions): Promise<ReadonlyMap<string, StageReport>> {
  const { selection } = options;
  const reports = new Map<string, StageReport>();
  const ordinary = new Set(selection.stages.filter((stage) => !stage.finally).map(({ name }) => name));
  const scheduling: Scheduling = { session, options, reports, slots: openSlots(options.jobs), failures: [], ordinary };
  const underway = new Map<string, Promise<StageReport>>();

  async function settle(stage: Stage): Promise<StageReport> {
    const before = new Set([...(stage.finally ? ordinary : []), ...(session.pipeline.upstream.get(stage.name) ?? [])]);
    const results = await Promise.all([...before].flatMap((name) => underway.get(name) ?? []));
    if (stage.finally) await options.beforeFinally();
    // A report on a failed run is the point of a `finally` stage: what failed before does not block it.
    const bad = stage.finally ? undefined : results.find(({ state }) => BAD.has(state));
    const settled: Settled = bad === undefined ? await decideAndAct(scheduling, stage) : { report: blockedBy(stage, bad), tail: [] };
    if (settled.report.state === 'failed') scheduling.failures.push(stage.name);
    reports.set(stage.name, settled.report);
    session.emit({ kind: 'stage-settled', ...settled });
    options.onReport(reports);
    return settled.report;
  }

  for (const stage of selection.stages) underway.set(stage.name, settle(stage));
  // Wait for all even if one is a bug of ours that throws: nothing may go on once the workspace is unlocked.
  const ends = await Promise.allSettled(underway.values());
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return reports;
}

function failed(stage: Stage, problems: readonly Problem[]): StageReport {
  const [problem = { kind: 'runner', message: wording.stageBug(stage.name, 'no reason given') }] = problems;
  return failedWith(problem, { name: stage.name, reasons: [] });
}

function blockedBy(stage: Stage, bad: StageReport): StageReport {
  const text = bad.state === 'failed' ? wording.upstreamFailed(bad.name) : wording.upstreamNotDone(bad.name);
  return quiet(stage.name, { state: 'blocked', reasons: [{ kind: 'upstream', text }] });
}
