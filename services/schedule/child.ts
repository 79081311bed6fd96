import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { writeAtomic } from '../../records/atomic.ts';
import { lockRuns } from '../../storage/run-lock.ts';
import type { Logger } from '../log.ts';
import { secretOf } from '../settings.ts';
import type { Roots } from '../settings.ts';
import { wording } from '../wording.ts';
import type { Cause, RunOutcome } from './loop.ts';
import { historyFile } from './state.ts';

const HISTORY_MAX = 2000;
/** What a run that is asked to stop may take before it is made to. */
const STOP_MS = 30_000;

export interface RunChild {
  readonly roots: Roots;
  readonly sets: readonly string[];
  readonly log: Logger;
  readonly signal: AbortSignal;
}

function remember(workspace: string, line: Readonly<Record<string, unknown>>): void {
  const file = historyFile(workspace);
  mkdirSync(path.dirname(file), { recursive: true });
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  if (lines.length >= HISTORY_MAX) writeAtomic(file, `${lines.slice(-HISTORY_MAX / 2).join('\n')}\n`);
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** Stages know variables, not files of secrets: what a file says becomes the variable of the child, and of nothing else. */
function secrets(): Readonly<Record<string, string>> {
  return Object.fromEntries(['DATABASE_URL', 'MONGODB_URI', 'PRIVACY_KEY'].flatMap((name) => {
    const value = secretOf(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

interface RunEnd {
  readonly outcome: RunOutcome;
  readonly run: string | null;
}

/** The very command a person types, as a child; each of its events becomes a line of the log with the run in it. */
function repro({ roots, sets, log, signal }: RunChild, env: NodeJS.ProcessEnv): Promise<RunEnd> {
  const args = [path.join(roots.code, 'runner', 'repro.js'), '--workspace', roots.workspace, '--json', ...sets.flatMap((set) => ['--set', set])];
  const child = spawn(process.execPath, args, { cwd: roots.code, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let run: string | null = null;
  const tell = (line: string): void => {
    try {
      const event = JSON.parse(line) as { readonly event?: unknown; readonly run?: unknown; readonly stage?: unknown; readonly name?: unknown; readonly state?: unknown; readonly seconds?: unknown; readonly problem?: { readonly message?: unknown } | null };
      if (typeof event.run === 'string') run ??= event.run;
      if (event.event === 'stage-settled' || event.event === 'stage-started') log[event.state === 'failed' ? 'error' : 'info']({ run, stage: event.stage ?? event.name, state: event.state, seconds: event.seconds, ...(event.problem ? { problem: event.problem.message } : {}) }, String(event.event));
    } catch {
      // Not one of its events: as it is.
      log.info({ run }, line);
    }
  };
  createInterface({ input: child.stdout }).on('line', tell);
  createInterface({ input: child.stderr }).on('line', (line) => void (line.trim() !== '' && log.info({ run }, line)));
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      child.kill('SIGTERM');
      timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    };
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', () => resolve({ outcome: 'failed', run }));
    child.once('close', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve({ outcome: code === 0 ? 'done' : code === 130 || signal.aborted ? 'interrupted' : 'failed', run });
    });
  });
}

/** One scheduled run: under the lock of the fleet where a database holds one, and remembered in the history. */
export async function runOnce(options: RunChild, cause: Cause, attempt: { readonly number: number; readonly isLast: boolean }): Promise<RunOutcome> {
  const { roots, log } = options;
  const url = secretOf('DATABASE_URL') ?? '';
  const started = new Date();
  const locked = url === '' ? undefined : await lockRuns(url);
  if (locked?.ok === false) log.error(wording.noRunLock(locked.failure.target, locked.failure.why));
  const isElsewhere = locked?.ok === true && locked.value === null;
  let end: RunEnd = { outcome: isElsewhere ? 'elsewhere' : 'failed', run: null };
  if (isElsewhere) log.info(wording.elsewhere);
  else {
    log.info({ cause }, wording.runStarts(cause, attempt.number));
    // A failure that is tried again is no news yet: the hook only logs it.
    end = await repro(options, { ...process.env, ...secrets(), ...(attempt.isLast ? {} : { ALERT_LATER: '1' }) });
    if (locked?.ok === true) await locked.value?.release();
  }
  const seconds = (Date.now() - started.getTime()) / 1000;
  remember(roots.workspace, { at: started.toISOString(), cause, attempt: attempt.number, outcome: end.outcome, seconds, run: end.run });
  if (!isElsewhere) log[end.outcome === 'failed' ? 'error' : 'info']({ run: end.run, outcome: end.outcome }, wording.runEnds(end.outcome, seconds));
  return end.outcome;
}
