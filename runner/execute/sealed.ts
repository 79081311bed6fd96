import { fork } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { getCompileCacheDir } from 'node:module';
import path from 'node:path';
import type { Job, JobResult, Problem } from '../model.ts';
import { baseEnv, closeLog, ended, openLog, tailOf } from './child.ts';
import type { Ended } from './child.ts';
import type { DoneOutcome, FailedOutcome, HostAnswer, HostJob, HostSaid } from './messages.ts';
import { violationProblem } from './seal-problem.ts';
import { wording } from './wording.ts';

/** Read by Node and by many packages of any process: they tell nothing that a result could depend on. */
const BASE_ENV = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL', 'NODE_ENV', 'NODE_OPTIONS', 'NODE_COMPILE_CACHE', 'NODE_CHANNEL_FD', 'NO_COLOR', 'FORCE_COLOR', 'DEBUG'];

/** Half of what V8 may take by itself for what has just been made (three times this), at once and not in steps: 70 MB less a process, a few per cent quicker. */
const YOUNG_MB = 16;
const MEMORY = ['max', 'min'].map((bound) => `--${bound}-semi-space-size=${YOUNG_MB}`);

const real = (file: string): string => (existsSync(file) ? realpathSync(file) : file);

/** What the process may read and write, as flags. A folder stands for everything beneath it. */
function permissions(job: Job, temporary: string): readonly string[] {
  const { stage, roots, paths } = job;
  const read = new Set<string>([import.meta.dirname, path.join(roots.code, 'node_modules'), real(path.join(roots.code, 'node_modules')), path.join(roots.code, 'package.json'), temporary, ...job.codeFiles]);
  const write = new Set<string>([temporary]);
  const cache = getCompileCacheDir() ?? process.env.NODE_COMPILE_CACHE;
  if (cache !== undefined) for (const set of [read, write]) set.add(cache);
  const written = new Set([...stage.outs.map((out) => out.path), ...(stage.effects?.targets ?? [])]);
  for (const [declared, absolute] of Object.entries(paths)) {
    for (const file of new Set([absolute, real(absolute)])) {
      // What is not there yet may become a file or a folder: the grant has to cover both.
      const grants = existsSync(file) ? [file] : [file, `${file}/*`];
      for (const grant of grants) {
        read.add(grant);
        if (written.has(declared)) write.add(grant);
      }
    }
  }
  if (job.runRecord !== undefined) read.add(path.dirname(job.runRecord));
  if (stage.work.kind === 'module') read.add(path.join(roots.code, stage.work.file));
  const doors = { network: ['--allow-net'], processes: ['--allow-child-process'], workers: ['--allow-worker'], addons: ['--allow-addons'], storage: [] as string[] };
  return [
    '--permission', '--disable-warning=SecurityWarning', '--disable-warning=ExperimentalWarning',
    ...[...read].map((file) => `--allow-fs-read=${file}`),
    ...[...write].map((file) => `--allow-fs-write=${file}`),
    ...stage.needs.flatMap((need) => doors[need]),
  ];
}

function hostJob(job: Job, file: string): HostJob {
  const { stage } = job;
  return {
    stage: stage.name, module: pathToFileURL(path.join(job.roots.code, file)).href, params: job.params, paramKeys: stage.params.map(({ key }) => key), item: stage.item ?? null,
    env: Object.fromEntries(stage.env.map((name) => [name, process.env[name]])), asOf: job.asOf, runRecord: job.runRecord ?? null, paths: job.paths,
    deps: stage.deps.map((dep) => dep.path), outs: stage.outs.map((out) => out.path), needs: stage.needs, envAllowed: [...BASE_ENV, ...stage.env],
    roots: { code: real(job.roots.code), workspace: real(job.roots.workspace) },
  };
}

function failed(job: Job, problem: Omit<Problem, 'stage' | 'place'>, events: HostAnswerEvents = []): JobResult {
  return { kind: 'failed', problem: { ...problem, stage: job.stage.name, place: job.stage.place }, tail: tailOf(job.log), events };
}

type HostAnswerEvents = Extract<HostAnswer, { kind: 'outcome' }>['events'];

function isOutcome(value: unknown): value is DoneOutcome | FailedOutcome {
  const kind = (value as { readonly kind?: unknown } | null)?.kind;
  return kind === 'done' || kind === 'failed';
}

function judge(job: Job, answer: HostAnswer, file: string): JobResult {
  const { name } = job.stage;
  if (answer.kind === 'no-run') return failed(job, { kind: 'no-run', message: wording.noRun(name, file) });
  const [first] = answer.violations;
  if (first !== undefined) return { kind: 'failed', problem: violationProblem(job, first), tail: [], events: answer.events };
  if (answer.kind === 'threw') return failed(job, { kind: 'threw', message: wording.threw(name, `${answer.message}${answer.at === undefined ? '' : ` at ${answer.at}`}`) }, answer.events);
  const { outcome, events } = answer;
  if (!isOutcome(outcome)) return failed(job, { kind: 'bad-outcome', message: wording.badOutcome(name) }, events);
  if (outcome.kind === 'failed') {
    return { kind: 'failed', problem: { kind: 'stage-failed', message: wording.failed(name, outcome.problem, outcome.where), hint: outcome.remedy, stage: name, place: job.stage.place }, tail: [], events };
  }
  return { kind: 'done', facts: outcome.facts ?? {}, headline: outcome.headline, receipt: outcome.receipt, events };
}

function silent(job: Job, end: Ended): JobResult {
  const { name } = job.stage;
  if (end.error !== undefined) return failed(job, { kind: 'not-started', message: wording.noShell(name, end.error.message) });
  return failed(job, { kind: 'exit', message: end.signal === null ? wording.silent(name, end.code) : wording.signalled(name, end.signal) });
}

export interface Sealed {
  readonly job: Job;
  readonly file: string;
  readonly signal: AbortSignal;
  /** Takes what the stage tells of its progress. */
  readonly said: (line: string) => void;
}

/** Runs a module under Node's permission model with only what its stage declares. */
export async function runSealed({ job, file, signal, said }: Sealed): Promise<JobResult> {
  const temporary = realpathSync(mkdtempSync(path.join(tmpdir(), 'repro-')));
  const log = openLog(job, false);
  try {
    mkdirSync(job.roots.workspace, { recursive: true });
    const child = fork(path.join(import.meta.dirname, 'host.js'), [], {
      cwd: job.roots.workspace, detached: true, execArgv: [...MEMORY, ...permissions(job, temporary)], stdio: ['ignore', log, log, 'ipc'],
      env: { ...baseEnv(job), TMPDIR: temporary, ...(getCompileCacheDir() === undefined ? {} : { NODE_COMPILE_CACHE: path.dirname(getCompileCacheDir() ?? '') }) },
    });
    let answer: HostAnswer | undefined;
    child.on('message', (message) => {
      const told = message as HostAnswer | HostSaid;
      if (told.kind === 'said') said(told.line);
      else answer ??= told;
    });
    child.send(hostJob(job, file), () => undefined);
    const end = await ended(child, signal);
    if (signal.aborted) return { kind: 'interrupted' };
    return answer === undefined ? silent(job, end) : judge(job, answer, file);
  } finally {
    closeLog(log);
    rmSync(temporary, { recursive: true, force: true });
  }
}
