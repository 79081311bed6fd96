import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLocalExecutor } from '../../../runner/execute/local.ts';
import type { Job, JobResult, Json, Stage, Work } from '../../../runner/model.ts';

const root = path.dirname(path.dirname(path.dirname(import.meta.dirname)));

export interface Declared {
  readonly work: Work;
  readonly deps?: readonly string[];
  readonly outs?: readonly string[];
  readonly env?: readonly string[];
  readonly needs?: Stage['needs'];
  readonly params?: Json;
  /** Of params, the keys that pipeline.yaml would name. */
  readonly keys?: readonly string[];
  readonly targets?: readonly string[];
  /** Files that the stage imports. */
  readonly code?: readonly string[];
}

/** A workspace with files, and one stage in it that the real executor runs. */
export class Bench {
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ulasan-execute-')));

  constructor() {
    this.write('package.json', '{"type":"module"}');
    symlinkSync(path.join(root, 'node_modules'), path.join(this.folder, 'node_modules'));
  }

  write(file: string, text: string): void {
    if (file.startsWith('node_modules/')) throw new Error(`${file} would be written into the project's own packages`);
    const absolute = path.join(this.folder, file);
    mkdirSync(path.dirname(absolute), { recursive: true });
    writeFileSync(absolute, text);
  }

  job(declared: Declared): Job {
    const place = { file: 'pipeline.yaml', line: 3, column: 3 };
    const deps = (declared.deps ?? []).map((dep) => ({ path: dep, optional: false, place }));
    const outs = (declared.outs ?? []).map((out) => ({ path: out, cache: true, persist: false, kind: 'out' as const, place }));
    const targets = declared.targets ?? [];
    const stage: Stage = {
      name: 'probe', place, desc: undefined, work: declared.work, wdir: '.', deps, params: (declared.keys ?? []).map((key) => ({ file: 'params.yaml', key, place })), outs, env: declared.env ?? [], needs: declared.needs ?? [], code: [], when: undefined,
      freshSeconds: undefined, state: [], effects: targets.length === 0 ? undefined : { check: undefined, targets }, finally: false, frozen: false, alwaysChanged: false, item: undefined,
    };
    const paths = Object.fromEntries([...deps, ...outs].map(({ path: file }) => [file, path.join(this.folder, file)]).concat(targets.map((file) => [file, path.join(this.folder, file)])));
    for (const file of Object.values(paths)) mkdirSync(path.dirname(String(file)), { recursive: true });
    return {
      stage, roots: { code: this.folder, workspace: this.folder }, paths, params: declared.params ?? {}, codeFiles: (declared.code ?? []).map((file) => path.join(this.folder, file)), asOf: '2026-01-01T00:00:00Z',
      log: path.join(this.folder, '.repro', 'logs', 'probe.log'), runRecord: undefined, overrides: [],
    };
  }

  execute(declared: Declared, signal = new AbortController().signal): Promise<JobResult> {
    return createLocalExecutor().execute(this.job(declared), signal);
  }

  /** Runs the body of `run(context)` as a sealed stage. */
  module(body: string, declared: Omit<Declared, 'work'> = {}): Promise<JobResult> {
    this.write('stage.ts', `import * as fs from 'node:fs';\nexport async function run(context): Promise<unknown> {\n${body}\n}\n`);
    return this.execute({ ...declared, work: { kind: 'module', file: 'stage.ts' } });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The sentence and the remedy of a failure. */
export function failure(result: JobResult): readonly [string, string | undefined] {
  if (result.kind !== 'failed') return [`not failed but ${result.kind}`, undefined];
  return [result.problem.message, result.problem.hint];
}
