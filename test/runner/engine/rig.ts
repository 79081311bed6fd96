import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Answer } from '../../../runner/plan.ts';
import { realDisk } from '../../../runner/disk.ts';
import type { Disk } from '../../../runner/disk.ts';
import { runPipeline } from '../../../runner/engine.ts';
import { hashText, openHashes } from '../../../runner/hash.ts';
import type { Code, Executor, Facts, Job, JobResult, Json, Out, Pipeline, Receipt, Stage } from '../../../runner/model.ts';
import { predict } from '../../../runner/predict.ts';
import type { Prediction } from '../../../runner/predict.ts';
import type { RunResult } from '../../../runner/run-options.ts';
import type { RunRecord } from '../../../runner/run-record.ts';
import { selectStages } from '../../../runner/selection.ts';
import type { EngineEvent } from '../../../runner/session.ts';
import type { Surroundings } from '../../../runner/surroundings.ts';

const place = { file: 'pipeline.yaml', line: 1, column: 1 };

/** A stage as a test states it: outs by path, what it does as a function. */
export interface StageSketch extends Partial<Omit<Stage, 'name' | 'deps' | 'outs' | 'state' | 'when' | 'work' | 'params'>> {
  readonly deps?: readonly string[];
  readonly outs?: readonly (string | Partial<Out> & { readonly path: string })[];
  readonly params?: readonly string[];
  readonly state?: readonly { readonly path: string; readonly selector?: string; readonly rerun?: boolean }[];
  readonly when?: string;
  readonly command?: string;
  readonly upstream?: readonly string[];
}

const BARE = {
  place,
  desc: undefined,
  wdir: '.',
  env: [],
  needs: [],
  code: [],
  freshSeconds: undefined,
  effects: undefined,
  finally: false,
  frozen: false,
  alwaysChanged: false,
  item: undefined,
} as const;

/** Deps ending in "?" are optional. */
export function stage(name: string, sketch: StageSketch): Stage {
  const { deps = [], outs = [], params = [], state = [], when, command = `do ${name}`, upstream: _upstream, ...rest } = sketch;
  const [file = '', selector] = when?.split('#') ?? [];
  return {
    ...BARE,
    name,
    work: { kind: 'shell', commands: [command] },
    deps: deps.map((dep) => ({ path: dep.replace(/\?$/, ''), optional: dep.endsWith('?'), place })),
    outs: outs.map((out) => ({ cache: true, persist: false, kind: 'out', place, ...(typeof out === 'string' ? { path: out } : out) })),
    params: params.map((key) => ({ file: 'params.yaml', key, place })),
    state: state.map((ref) => ({ rerun: true, opens: [], place, selector: undefined, ...ref })),
    when: when === undefined ? undefined : { path: file, selector, place },
    ...rest,
  };
}

export type Script = (job: Job, signal: AbortSignal) => Promise<Partial<Extract<JobResult, { kind: 'done' }>> | JobResult | void> | Partial<Extract<JobResult, { kind: 'done' }>> | JobResult | void;

export interface RunSketch {
  readonly targets?: readonly string[];
  readonly single?: boolean;
  readonly force?: boolean;
  readonly jobs?: number;
  readonly keepGoing?: boolean;
  readonly wait?: boolean;
  readonly signal?: AbortSignal;
}

/** A workspace in a temporary folder, stages that are functions of the test, and a clock that the test turns. */
export class Rig {
  hooks: Readonly<Record<string, readonly string[]>> = {};
  readonly workspace = mkdtempSync(path.join(tmpdir(), 'repro-engine-'));
  readonly ran: string[] = [];
  readonly events: EngineEvent[] = [];
  readonly env: Record<string, string | undefined> = {};
  params: Readonly<Record<string, Json>> = {};
  codes: Readonly<Record<string, Code>> = {};
  answers: Readonly<Record<string, Answer>> = {};
  disk: Disk = realDisk;
  nowMs = Date.parse('2026-01-01T00:00:00Z');
  stages: readonly Stage[] = [];
  upstream: ReadonlyMap<string, readonly string[]> = new Map();
  private scripts: Readonly<Record<string, Script>> = {};

  /** Declares the pipeline: what each stage is and what it does. Edges follow from deps and `when`. */
  declare(sketches: Readonly<Record<string, StageSketch & { readonly does?: Script }>>): this {
    this.stages = Object.entries(sketches).map(([name, { does: _does, ...sketch }]) => stage(name, sketch));
    this.scripts = Object.fromEntries(Object.entries(sketches).map(([name, { does }]) => [name, does ?? copyDeps]));
    return this;
  }

  pipeline(): Pipeline {
    const producers = new Map(this.stages.flatMap(({ name, outs }) => outs.map((out): [string, string] => [out.path, name])));
    const upstream = new Map(
      this.stages.map(({ name, deps, when }): [string, readonly string[]] => {
        const paths = [...deps.map((dep) => dep.path), ...(when === undefined ? [] : [when.path])];
        const writers = paths.flatMap((dep) => [...producers].filter(([out]) => dep === out || dep.startsWith(`${out}/`) || out.startsWith(`${dep}/`)).map(([, writer]) => writer));
        return [name, [...new Set(writers)].filter((writer) => writer !== name)];
      }),
    );
    const params = new Map([['params.yaml', { file: 'params.yaml', value: this.params }]]);
    return { file: path.join(this.workspace, 'pipeline.yaml'), roots: { code: this.workspace, workspace: this.workspace }, stages: this.stages, upstream, producers, params, overrides: [], hooks: this.hooks };
  }

  surroundings(): Surroundings {
    const executor: Executor = {
      execute: async (job, signal) => {
        this.ran.push(job.stage.name);
        this.nowMs += 1000;
        const result = (await this.scripts[job.stage.name]?.(job, signal)) ?? {};
        const done = { kind: 'done', facts: {} as Facts, headline: undefined, receipt: undefined as Receipt | undefined, events: [] } as const;
        return 'kind' in result && result.kind !== 'done' && result.kind !== undefined ? (result as JobResult) : { ...done, ...result, kind: 'done' };
      },
    };
    const readCode = async ({ stage: { name } }: { stage: Stage }) => ({ ok: true as const, value: this.codes[name] ?? { hash: 'code', files: {}, packages: {} } });
    return {
      executor,
      disk: this.disk,
      hashes: openHashes(path.join(this.workspace, '.repro', 'hashes.json'), { disk: this.disk }),
      pid: process.pid,
      env: this.env,
      // Each look at the clock takes a millisecond, so that ids of runs differ.
      now: () => new Date(this.nowMs++),
      nodeVersion: '26.0.0',
      command: ['repro'],
      readCode,
      selectParams: ({ params }) => Object.fromEntries(params.map(({ file, key }) => [`${file}:${key}`, this.params[key] ?? null])),
      nestParams: ({ params }) => Object.fromEntries(params.map(({ key }) => [key, this.params[key] ?? null])),
      ask: async (file) => this.answers[path.basename(file)] ?? { kind: 'unasked' },
    };
  }

  async run(sketch: RunSketch = {}): Promise<RunResult> {
    const { targets = [], single = false, force = false, jobs = 4, keepGoing = false, wait = false } = sketch;
    this.ran.length = 0;
    this.events.length = 0;
    const pipeline = this.pipeline();
    const selection = selectStages(pipeline, targets, single);
    if (!selection.ok) return { kind: 'refused', problems: selection.problems };
    const signal = sketch.signal ?? new AbortController().signal;
    return runPipeline({ pipeline, selection: selection.value, surroundings: this.surroundings(), isForced: force, jobs, keepGoing, wait, signal, emit: (event) => this.events.push(event) });
  }

  /** Runs, and tells the state of each stage in a word; "nothing" if there was nothing to do. */
  async states(sketch: RunSketch = {}): Promise<Record<string, string> | string> {
    const result = await this.run(sketch);
    if (result.kind === 'nothing-to-do') return 'nothing';
    if (result.kind !== 'ran') return result.kind;
    return Object.fromEntries(result.run.stages.map(({ name, state }) => [name, state]));
  }

  async record(sketch: RunSketch = {}): Promise<RunRecord> {
    const result = await this.run(sketch);
    if (result.kind !== 'ran') throw new Error(`the run ended as ${JSON.stringify(result)}`);
    return result.run;
  }

  async reasons(name: string, sketch: RunSketch = {}): Promise<readonly string[]> {
    return (await this.record(sketch)).stages.find((report) => report.name === name)?.reasons.map(({ text }) => text) ?? [];
  }

  async predict(sketch: RunSketch = {}): Promise<readonly Prediction[]> {
    const pipeline = this.pipeline();
    const selection = selectStages(pipeline, sketch.targets ?? [], sketch.single ?? false);
    if (!selection.ok) throw new Error(selection.problems[0]?.message);
    const predicted = await predict({ pipeline, selection: selection.value, surroundings: this.surroundings(), isForced: sketch.force ?? false });
    if (!predicted.ok) throw new Error(predicted.problems[0]?.message);
    return predicted.value;
  }

  /** Code of a stage as `readCode` would find it: what it does (a hash of the test's choice) and the files as they are. */
  code(hash: string, files: readonly string[], packages: Readonly<Record<string, string>> = {}): Code {
    return { hash, files: Object.fromEntries(files.map((file) => [file, hashText(this.read(file))])), packages };
  }

  file(name: string): string {
    return path.join(this.workspace, name);
  }

  write(name: string, text: string): this {
    mkdirSync(path.dirname(this.file(name)), { recursive: true });
    writeFileSync(this.file(name), text);
    return this;
  }

  touch(name: string): void {
    utimesSync(this.file(name), new Date(), new Date());
  }

  read(name: string): string {
    return readFileSync(this.file(name), 'utf8');
  }

  has(name: string): boolean {
    return existsSync(this.file(name));
  }

  list(name: string): readonly string[] {
    return this.has(name) ? readdirSync(this.file(name)).sort() : [];
  }

  delete(name: string): void {
    rmSync(this.file(name), { recursive: true, force: true });
  }

  remove(): void {
    rmSync(this.workspace, { recursive: true, force: true });
  }

  warnings(): readonly string[] {
    return this.events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []));
  }
}

/** What a stage does if the test does not say: each out takes the name of the stage and the text of all deps. */
export function copyDeps(job: Job): void {
  const deps = job.stage.deps.map(({ path: dep }) => (existsSync(job.paths[dep] ?? '') ? readFileSync(job.paths[dep] ?? '', 'utf8') : ''));
  for (const out of job.stage.outs) writeFileSync(job.paths[out.path] ?? '', `${job.stage.name}(${deps.join(',')}${JSON.stringify(job.params)})`);
}

/** Removed when the test ends. */
export function rig(context: { after(remove: () => void): void }): Rig {
  const made = new Rig();
  context.after(() => made.remove());
  return made;
}
