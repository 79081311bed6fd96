import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Facts, Job, JobResult, Problem } from '../model.ts';
import { DIE_WITH_PARENT, baseEnv, closeLog, ended, openLog, tailOf } from './child.ts';
import type { Ended } from './child.ts';
import { wording } from './wording.ts';

/** What a command may leave behind in `resultFile`: the same that a module returns. */
interface Left {
  readonly facts?: Facts;
  readonly headline?: string;
}

function folderOf(job: Job): string {
  return path.join(job.roots.workspace, '.repro', 'jobs', `${job.stage.name.replaceAll(/[^A-Za-z0-9._@-]/g, '_')}-${process.pid}`);
}

function problemOf(job: Job, { code, signal, error }: Ended): Problem {
  const { name, place } = job.stage;
  if (error !== undefined) return { kind: 'not-started', message: wording.noShell(name, error.message), stage: name, place };
  const message = signal === null ? wording.exited(name, code ?? 1) : wording.signalled(name, signal);
  return { kind: 'exit', message, stage: name, place };
}

function workingFolder(job: Job): string {
  const inWorkspace = path.resolve(job.roots.workspace, job.stage.wdir);
  return existsSync(inWorkspace) ? inWorkspace : path.resolve(job.roots.code, job.stage.wdir);
}

function readLeft(file: string): Left {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Left;
  } catch {
    // Facts are extras: a command that wrote them badly has still done its work.
    return {};
  }
}

/** Runs the commands of a stage in order through the shell, each in a process group of its own; stops at the first failure. */
export async function runShell(job: Job, commands: readonly string[], signal: AbortSignal): Promise<JobResult> {
  const folder = folderOf(job);
  mkdirSync(folder, { recursive: true });
  const resultFile = path.join(folder, 'result.json');
  const context = path.join(folder, 'context.json');
  const { stage, roots } = job;
  writeFileSync(
    context,
    JSON.stringify({
      stage: stage.name, params: job.params, item: stage.item ?? null, paths: job.paths, deps: stage.deps.map((dep) => dep.path), outs: stage.outs.map((out) => out.path),
      asOf: job.asOf, runRecord: job.runRecord ?? null, overrides: job.overrides, roots, resultFile,
    }),
  );
  const env = { ...baseEnv(job), REPRO_CONTEXT: context, REPRO_CODE: roots.code, REPRO_WORKSPACE: roots.workspace };
  try {
    for (const [index, command] of commands.entries()) {
      const log = openLog(job, index > 0);
      const child = spawn('/bin/sh', ['-c', `${DIE_WITH_PARENT}${command}`], { cwd: workingFolder(job), env, detached: true, stdio: ['ignore', log, log, 'pipe'] });
      const end = await ended(child, signal);
      closeLog(log);
      child.stdio[3]?.destroy();
      if (signal.aborted) return { kind: 'interrupted' };
      if (end.code !== 0) return { kind: 'failed', problem: problemOf(job, end), tail: tailOf(job.log), events: [] };
    }
    const { facts = {}, headline } = readLeft(resultFile);
    return { kind: 'done', facts, headline, receipt: undefined, events: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
