import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Facts, Pipeline } from './model.ts';
import { logsFolder } from './run-record.ts';
import type { RunRecord } from './run-record.ts';
import { wording } from './wording.ts';

/** What a hook gets to read, as JSON in the file that REPRO_EVENT names. */
export interface HookEvent {
  readonly version: 1;
  /** `stage-failed`, `run-failed`, `run-done`, or what a stage emitted. */
  readonly kind: string;
  readonly stage: string | null;
  readonly facts: Facts;
  /** The kinds of all that the stage emitted in this run: a failure may have been told already. */
  readonly emitted: readonly string[];
  readonly problem: { readonly message: string; readonly hint: string | undefined } | null;
  readonly run: Pick<RunRecord, 'id' | 'startedAt' | 'finishedAt' | 'outcome' | 'seconds'> & { readonly workspace: string };
}

const SECONDS_MAX = 60;

/** Everything worth telling of a run, in the order of its stages; how it ended comes last. What did not run tells nothing again. */
export function eventsOf(run: RunRecord, workspace: string): readonly HookEvent[] {
  const { id, startedAt, finishedAt, outcome, seconds } = run;
  const common = { version: 1, run: { id, startedAt, finishedAt, outcome, seconds, workspace } } as const;
  const told = run.stages.flatMap(({ name, state, events, problem }): readonly HookEvent[] => {
    const emitted = events.map(({ kind }) => kind);
    const told = events.map(({ kind, facts }): HookEvent => ({ ...common, kind, stage: name, facts, emitted, problem: null }));
    const { message = '', hint } = problem ?? {};
    return state === 'failed' ? [...told, { ...common, kind: 'stage-failed', stage: name, facts: {}, emitted, problem: { message, hint } }] : told;
  });
  const ended = outcome === 'done' ? 'run-done' : outcome === 'failed' ? 'run-failed' : undefined;
  const counts: Record<string, number> = {};
  for (const { state } of run.stages) counts[state] = (counts[state] ?? 0) + 1;
  return ended === undefined ? told : [...told, { ...common, kind: ended, stage: null, facts: counts, emitted: [], problem: null }];
}

/** Runs one command with the event; why it failed, or undefined. */
function runHook(command: string, use: { readonly env: NodeJS.ProcessEnv; readonly cwd: string; readonly log: number }): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], { cwd: use.cwd, env: use.env, stdio: ['ignore', use.log, use.log], detached: true });
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      resolve(wording.hookSlow(SECONDS_MAX));
    }, SECONDS_MAX * 1000);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve(error.message);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code === 0 ? undefined : wording.hookCode(code ?? 1));
    });
  });
}

/** Hands the events of a run to the commands that `on:` declares. A hook that fails is told of, and changes nothing. */
export async function runHooks({ hooks, roots }: Pipeline, run: RunRecord, warn: (text: string) => void): Promise<void> {
  const events = eventsOf(run, roots.workspace).filter(({ kind }) => (hooks[kind] ?? []).length > 0);
  if (events.length === 0) return;
  const folder = logsFolder(roots.workspace, run.id);
  mkdirSync(folder, { recursive: true });
  const log = path.join(folder, 'hooks.log');
  const bins = [path.join(roots.code, 'node_modules', '.bin'), process.env.PATH ?? ''].join(path.delimiter);
  for (const [index, event] of events.entries()) {
    const file = path.join(folder, `event-${index}.json`);
    writeFileSync(file, `${JSON.stringify(event, null, 1)}\n`);
    for (const command of hooks[event.kind] ?? []) {
      appendFileSync(log, `$ ${command} (${event.kind})\n`);
      const descriptor = openSync(log, 'a');
      const env = { ...process.env, PATH: bins, REPRO_EVENT: file, REPRO_CODE: roots.code, REPRO_WORKSPACE: roots.workspace };
      const why = await runHook(command, { env, cwd: roots.workspace, log: descriptor });
      closeSync(descriptor);
      if (why !== undefined) warn(wording.hookFailed(event.kind, why, path.relative(roots.workspace, log)));
    }
    rmSync(file, { force: true });
  }
}
