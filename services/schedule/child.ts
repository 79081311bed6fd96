import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { addressRemedy } from '../../storage/address.ts';
import { lockRuns } from '../../storage/run-lock.ts';
import type { RunLock } from '../../storage/run-lock.ts';
import type { Logger } from '../log.ts';
import { UsageError, secretOf } from '../settings.ts';
import type { Roots } from '../settings.ts';
import { wording } from '../wording.ts';
import { openAlertLog, tell } from '../notify/notify.ts';
import { openRuns } from '../state/runs.ts';
import { remember } from './history.ts';
import type { Attempt, Cause, RunOutcome } from './loop.ts';

/** What a run that is asked to stop may take before it is made to. */
const STOP_MS = 30_000;
/** Lines of what a run said last, for a failure that no stage tells of. */
const LAST_LINES = 5;

export interface RunChild {
  readonly roots: Roots;
  readonly sets: readonly string[];
  readonly log: Logger;
  readonly signal: AbortSignal;
}

interface RunEnd {
  readonly outcome: RunOutcome;
  readonly run: string | null;
  /** What it said last that was none of its events. */
  readonly said: readonly string[];
}

/** The very command a person types, as a child; each of its events becomes a line of the log with the run in it. */
function repro({ roots, sets, log, signal }: RunChild, env: NodeJS.ProcessEnv): Promise<RunEnd> {
  const args = [path.join(roots.code, 'runner', 'repro.js'), '--workspace', roots.workspace, '--json', ...sets.flatMap((set) => ['--set', set])];
  const child = spawn(process.execPath, args, { cwd: roots.code, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let run: string | null = null;
  const said: string[] = [];
  const listen = (line: string): void => {
    if (line.trim() === '') return;
    said.push(line);
    said.splice(0, said.length - LAST_LINES);
    log.info({ run }, line);
  };
  const tell = (line: string): void => {
    try {
      const event = JSON.parse(line) as { readonly event?: unknown; readonly run?: unknown; readonly stage?: unknown; readonly name?: unknown; readonly state?: unknown; readonly seconds?: unknown; readonly problem?: { readonly message?: unknown } | null };
      if (typeof event.run === 'string') run ??= event.run;
      if (event.event === 'stage-settled' || event.event === 'stage-started') log[event.state === 'failed' ? 'error' : 'info']({ run, stage: event.stage ?? event.name, state: event.state, seconds: event.seconds, ...(event.problem ? { problem: event.problem.message } : {}) }, String(event.event));
    } catch {
      // Not one of its events: as it is.
      listen(line);
    }
  };
  createInterface({ input: child.stdout }).on('line', tell);
  createInterface({ input: child.stderr }).on('line', listen);
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      child.kill('SIGTERM');
      timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    };
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', () => resolve({ outcome: 'failed', run, said }));
    child.once('close', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve({ outcome: code === 0 ? 'done' : code === 130 || signal.aborted ? 'interrupted' : 'failed', run, said });
    });
  });
}

/** A failure of which no stage told, since the run ended before one began or was killed: the scheduler tells of it itself. */
async function tellFailure({ roots, sets, log }: RunChild, end: RunEnd, about: { readonly started: Date; readonly seconds: number; readonly tries: number; readonly startedBy: string }): Promise<void> {
  const { workspace } = roots;
  const record = end.run === null ? null : openRuns(workspace).read(end.run);
  if (record?.stages.some(({ state }) => state === 'failed') === true) return;
  const startedAt = about.started.toISOString();
  const message = end.said.length === 0 ? wording.endedSilently : end.said.join('\n');
  await tell({
    version: 1, kind: 'run-failed', stage: null, emitted: [], facts: { tries: about.tries }, problem: { message },
    run: { id: end.run ?? wording.noRunId(startedAt), startedAt, finishedAt: new Date().toISOString(), outcome: 'failed', seconds: about.seconds, workspace },
  }, { workspace, env: { ...process.env, ALERT_CAUSE: about.startedBy }, log, sets });
}

/** Runs the pipeline while the lock of the fleet is held, and stops it where the lock is lost to another scheduler. */
async function runLocked(options: RunChild, lock: RunLock | null, env: NodeJS.ProcessEnv): Promise<RunEnd> {
  const { log, signal } = options;
  const lost = new AbortController();
  lock?.onLost(() => {
    log.error(wording.lockLost);
    lost.abort();
  });
  let end: RunEnd;
  try {
    end = await repro({ ...options, signal: AbortSignal.any([signal, lost.signal]) }, env);
  } finally {
    await lock?.release();
  }
  return end.outcome === 'interrupted' && lost.signal.aborted && !signal.aborted ? { ...end, outcome: 'failed', said: [wording.lockLost] } : end;
}

async function runWith(options: RunChild, cause: Cause, attempt: Attempt): Promise<RunEnd> {
  const { log } = options;
  const url = secretOf('DATABASE_URL') ?? '';
  const locked = url === '' ? undefined : await lockRuns(url);
  if (locked?.ok === false) {
    const { kind, target, why: reason } = locked.failure;
    const why = kind === 'address' ? wording.badRunLock(target, reason, addressRemedy(target)) : wording.noRunLock(target, reason);
    log.error(why);
    return { outcome: 'failed', run: null, said: [why] };
  }
  if (locked?.value === null) {
    log.info(wording.elsewhere);
    return { outcome: 'elsewhere', run: null, said: [] };
  }
  log.info({ cause, ...(attempt.reason === '' ? {} : { reason: attempt.reason }) }, wording.runStarts(cause, attempt));
  // A failure that is tried again is no news yet: the hook only logs it.
  return runLocked(options, locked?.value ?? null, { ...process.env, ALERT_CAUSE: wording.startedBy(cause, attempt), ...(attempt.isLast ? {} : { ALERT_LATER: '1' }) });
}

/** What keeps a run from being begun at all (a secret that cannot be read, a bug) is its end as well: it is remembered and told of like all others. */
async function runToEnd(options: RunChild, cause: Cause, attempt: Attempt): Promise<RunEnd> {
  try {
    return await runWith(options, cause, attempt);
  } catch (error) {
    const why = wording.notBegun(error instanceof Error ? error.message : String(error));
    // Only of a bug does the way to it say anything.
    options.log.error(error instanceof UsageError ? {} : { err: error }, why);
    return { outcome: 'failed', run: null, said: [why] };
  }
}

/** One scheduled run: under the lock of the fleet where a database holds one, remembered in the history, and told of where it failed for good. */
export async function runOnce(options: RunChild, cause: Cause, attempt: Attempt): Promise<RunOutcome> {
  const { roots, log } = options;
  const started = new Date();
  const end = await runToEnd(options, cause, attempt);
  const { outcome, run } = end;
  const seconds = (Date.now() - started.getTime()) / 1000;
  if (outcome !== 'elsewhere') log[outcome === 'failed' ? 'error' : 'info']({ run, outcome }, wording.runEnds(outcome, seconds));
  try {
    remember(roots.workspace, { at: started.toISOString(), cause, reason: attempt.reason, attempt: attempt.number, outcome, seconds, run });
    if (outcome === 'failed' && attempt.isLast) await tellFailure({ ...options, log: openAlertLog(roots.workspace) }, end, { started, seconds, tries: attempt.number, startedBy: wording.startedBy(cause, attempt) });
  } catch (error) {
    // A full disk costs the memory of the run, never the next one.
    log.error({ err: error, run }, wording.notRemembered);
  }
  return outcome;
}
