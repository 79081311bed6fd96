import { existsSync } from 'node:fs';
import path from 'node:path';
import { bringBack, letGo, setAside } from './aside.ts';
import type { Journal } from './aside.ts';
import type { Assessment } from './assess.ts';
import { canonical } from './canonical.ts';
import { problemOfDisk } from './disk-problem.ts';
import { lockedOut } from './lock-file.ts';
import type { Job, JobResult, Problem, Reason, Stage } from './model.ts';
import { isRestorable } from './plan.ts';
import { writeRecord } from './record.ts';
import type { StageRecord } from './record.ts';
import { storedRunOf, writeStoredRun } from './run-cache.ts';
import type { StoredRun } from './run-cache.ts';
import { logsFolder, runFile } from './run-record.ts';
import { failedWith } from './session.ts';
import type { Session, Settled } from './session.ts';
import { wording } from './wording.ts';

const seconds = (fromMs: number, toMs: number): number => Math.round(toMs - fromMs) / 1000;

/** What lies where an out belongs, if nobody knows it: neither the record nor the committed lock. */
function foreignOut(session: Session, { situation }: Assessment, out: string): string | null {
  const found = situation.outs[out];
  const known = [situation.record?.outs[out], lockedOut(session.lockBefore, situation.stage.name, out)];
  return found === undefined || known.includes(found) ? null : found;
}

function journalOf(session: Session, assessment: Assessment, outs: readonly string[]): Journal {
  const { situation } = assessment;
  const slots = outs.map((out) => {
    const existed = existsSync(path.resolve(session.pipeline.roots.workspace, out));
    return { path: out, existed, foreign: foreignOut(session, assessment, out) };
  });
  return { version: 1, run: session.run, stage: situation.stage.name, hash: situation.hash, record: situation.record ?? null, slots };
}

const placeOf = (session: Session) => ({ disk: session.surroundings.disk, workspace: session.pipeline.roots.workspace });

/** `.repro/logs/<run>/<stage>.log`, relative to the workspace. */
function logOf(session: Session, stage: Stage): string {
  const { workspace } = session.pipeline.roots;
  return path.relative(workspace, path.join(logsFolder(workspace, session.run), `${encodeURIComponent(stage.name)}.log`)).split(path.sep).join('/');
}

function jobOf(session: Session, { situation, code, depPaths }: Assessment, log: string): Job {
  const { stage } = situation;
  const { pipeline, surroundings } = session;
  const { roots } = pipeline;
  const inWorkspace = [...stage.outs.map((out) => out.path), ...stage.state.flatMap((ref) => [ref.path, ...ref.opens]), ...(stage.effects?.targets ?? [])];
  return {
    stage,
    roots,
    paths: { ...depPaths, ...Object.fromEntries(inWorkspace.map((name) => [name, path.resolve(roots.workspace, name)])) },
    params: surroundings.nestParams(stage, pipeline),
    codeFiles: Object.keys(code?.files ?? {}).map((file) => path.resolve(roots.code, file)),
    asOf: session.asOf,
    log: path.join(roots.workspace, log),
    runRecord: stage.finally ? runFile(roots.workspace, session.run) : undefined,
    overrides: pipeline.overrides,
  };
}

async function execute(session: Session, assessment: Assessment, log: string): Promise<JobResult> {
  const { disk, executor } = session.surroundings;
  const job = jobOf(session, assessment, log);
  await disk.makeFolder(path.dirname(job.log));
  for (const out of job.stage.outs) await disk.makeFolder(path.dirname(path.resolve(job.roots.workspace, out.path)));
  try {
    const result = await executor.execute(job, session.signal, (line) => session.emit({ kind: 'stage-said', stage: job.stage.name, line }));
    return result.kind === 'failed' && session.signal.aborted ? { kind: 'interrupted' } : result;
  } catch (error) {
    if (problemOfDisk(error, job.roots.workspace) !== undefined) throw error;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'failed', problem: { kind: 'runner', message: wording.stageBug(job.stage.name, message), stage: job.stage.name }, tail: [], events: [] };
  }
}

/** The outs of a stage that says it is done, or what is wrong with them. */
async function outsOf(session: Session, stage: Stage): Promise<Record<string, string> | Problem> {
  const outs: Record<string, string> = {};
  const missing: string[] = [];
  for (const out of stage.outs) {
    const hash = await session.surroundings.hashes.path(path.resolve(session.pipeline.roots.workspace, out.path));
    if (hash === undefined) missing.push(out.path);
    else outs[out.path] = hash;
  }
  if (missing.length === 0) return outs;
  const [first] = stage.outs.filter((out) => missing.includes(out.path));
  const place = first === undefined ? {} : { place: first.place };
  return { kind: 'out-missing', message: wording.outNotWritten(stage.name, missing), stage: stage.name, hint: wording.outNotWrittenHint(), ...place };
}

/** Deps and files of code that are not what they were when the stage was judged: the outs may be made from either version. */
async function editedFiles(session: Session, { situation, depPaths }: Assessment): Promise<readonly string[]> {
  const { hashes } = session.surroundings;
  const edited: string[] = [];
  for (const [dep, absolute] of Object.entries(depPaths)) {
    const hash = (await hashes.path(absolute)) ?? 'absent';
    if (hash !== situation.fingerprint.deps[dep]) edited.push(`dep ${dep}`);
  }
  for (const [file, hash] of Object.entries(situation.codeFiles)) {
    const now = (await hashes.file(path.resolve(session.pipeline.roots.code, file))) ?? 'absent';
    if (now !== hash) edited.push(`code ${file}`);
  }
  return edited;
}

function isProblem(value: Record<string, string> | Problem): value is Problem {
  return 'kind' in value && 'message' in value;
}

function recordOf(session: Session, { situation, state }: Assessment, rest: Omit<StoredRun, 'version'> & Pick<StageRecord, 'receipt' | 'edited'>): StageRecord {
  const { stage, fingerprint, hash, codeFiles } = situation;
  return { version: 1, name: stage.name, run: session.run, fingerprint, hash, codeFiles, state, attempt: null, ...rest };
}

function withoutVersion({ outs, facts, headline, seconds: took, ranAt, log }: StoredRun): Omit<StoredRun, 'version'> {
  return { outs, facts, headline, seconds: took, ranAt, log };
}

/** Commits: outs into the cache, then the record, then the run cache; the outs of before are let go last. */
async function commit(session: Session, assessment: Assessment, made: { readonly record: StageRecord; readonly journal: Journal; readonly isNew: boolean }): Promise<void> {
  const { disk } = session.surroundings;
  const { workspace } = session.pipeline.roots;
  const { record, journal } = made;
  let isCached = made.isNew && record.edited.length === 0 && isRestorable(assessment.situation.stage);
  for (const [out, hash] of Object.entries(record.outs)) {
    if (isCached) isCached = await session.cache.put(path.resolve(workspace, out), hash);
  }
  await writeRecord(disk, workspace, record);
  if (isCached) await writeStoredRun({ disk, workspace, key: assessment.key }, storedRunOf(record));
  const kept = await letGo(placeOf(session), journal, record.outs);
  for (const { out, place } of kept) session.emit({ kind: 'warning', stage: record.name, text: wording.keptAside(out, place) });
}

interface Acting {
  readonly session: Session;
  readonly assessment: Assessment;
  readonly reasons: readonly Reason[];
  readonly startMs: number;
}

/** Undoes what has begun, after a failure of the stage or of our own disk. */
async function giveUp(acting: Acting, journal: Journal, failure: { readonly problem: Problem; readonly tail: readonly string[]; readonly log: string | null }): Promise<Settled> {
  const { session, assessment, reasons, startMs } = acting;
  const { name } = assessment.situation.stage;
  await bringBack(placeOf(session), journal, 'failed').catch((error: unknown) => {
    // The journal stays, and the next run repairs: there is nothing more to be done on this disk now.
    if (problemOfDisk(error, session.pipeline.roots.workspace) === undefined) throw error;
  });
  const elapsed = seconds(startMs, session.surroundings.now().getTime());
  return { report: failedWith({ ...failure.problem, stage: name }, { name, reasons, seconds: elapsed, log: failure.log }), tail: failure.tail };
}

/** Whether a stage made something else than before, or came back from a failure. */
function isNews(before: StageRecord | undefined, now: StageRecord): boolean {
  return before === undefined || before.attempt !== null || canonical({ outs: before.outs }) !== canonical({ outs: now.outs }) || before.receipt?.checksum !== now.receipt?.checksum;
}

async function attempt(acting: Acting, journal: Journal, log: string): Promise<Settled> {
  const { session, assessment, reasons, startMs } = acting;
  const { situation } = assessment;
  const { stage } = situation;
  const { now } = session.surroundings;
  await setAside(placeOf(session), journal);
  const result = await execute(session, assessment, log);
  const elapsed = seconds(startMs, now().getTime());
  const told = { name: stage.name, reasons, seconds: elapsed, secondsSaved: 0, log, facts: {}, headline: null, problem: null, events: [], changed: false };
  if (result.kind === 'interrupted') {
    await bringBack(placeOf(session), journal, 'interrupted');
    return { report: { ...told, state: 'interrupted' }, tail: [] };
  }
  if (result.kind === 'failed') {
    const settled = await giveUp(acting, journal, { problem: result.problem, tail: result.tail, log });
    return { ...settled, report: { ...settled.report, events: result.events } };
  }
  const outs = await outsOf(session, stage);
  if (isProblem(outs)) return giveUp(acting, journal, { problem: outs, tail: [], log });
  const edited = await editedFiles(session, assessment);
  const { facts, events } = result;
  const headline = result.headline ?? null;
  const ranAt = new Date(startMs).toISOString();
  const record = recordOf(session, assessment, { outs, facts, headline, seconds: elapsed, ranAt, log, receipt: result.receipt ?? null, edited });
  await commit(session, assessment, { record, journal, isNew: true });
  if (edited.length > 0) session.emit({ kind: 'warning', stage: stage.name, text: wording.edited(stage.name, edited) });
  return { report: { ...told, state: 'ran', facts, headline, events, changed: isNews(situation.record, record) }, tail: [] };
}

/** Invalidate, act, commit: runs one stage and reports on it. Whatever goes wrong, the last good result is left in place. */
export async function runStage(session: Session, assessment: Assessment, reasons: readonly Reason[]): Promise<Settled> {
  const { stage } = assessment.situation;
  const acting = { session, assessment, reasons, startMs: session.surroundings.now().getTime() };
  const outs = stage.outs.filter(({ persist }) => !persist).map((out) => out.path);
  const journal = journalOf(session, assessment, outs);
  const log = logOf(session, stage);
  try {
    return await attempt(acting, journal, log);
  } catch (error) {
    const problem = problemOfDisk(error, session.pipeline.roots.workspace);
    if (problem === undefined) throw error;
    return giveUp(acting, journal, { problem, tail: [], log });
  }
}

/** Brings an earlier result back; undefined where the cache turned out to be damaged, and the stage has to run. */
export async function restoreStage(session: Session, assessment: Assessment, found: { readonly stored: StoredRun; readonly reasons: readonly Reason[] }): Promise<Settled | undefined> {
  const { stored, reasons } = found;
  const { situation } = assessment;
  const { workspace } = session.pipeline.roots;
  const startMs = session.surroundings.now().getTime();
  const acting = { session, assessment, reasons, startMs };
  const wrong = Object.keys(stored.outs).filter((out) => situation.outs[out] !== stored.outs[out]);
  const journal = journalOf(session, assessment, wrong);
  try {
    await setAside(placeOf(session), journal);
    for (const out of wrong) {
      if ((await session.cache.restore(stored.outs[out] ?? '', path.resolve(workspace, out))) === 'restored') continue;
      session.emit({ kind: 'warning', stage: situation.stage.name, text: wording.badObject(situation.stage.name, out) });
      await bringBack(placeOf(session), journal, undefined);
      return undefined;
    }
    const record = recordOf(session, assessment, { ...withoutVersion(stored), receipt: null, edited: [] });
    await commit(session, assessment, { record, journal, isNew: false });
  } catch (error) {
    const problem = problemOfDisk(error, workspace);
    if (problem === undefined) throw error;
    return giveUp(acting, journal, { problem, tail: [], log: null });
  }
  const { facts, headline, log } = stored;
  const elapsed = seconds(startMs, session.surroundings.now().getTime());
  const report = { name: situation.stage.name, state: 'restored', reasons, seconds: elapsed, secondsSaved: stored.seconds, log, facts, headline, problem: null, events: [], changed: wrong.length > 0 } as const;
  return { report, tail: [] };
}
