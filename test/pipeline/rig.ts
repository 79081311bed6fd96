import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RunRecord } from '../../schema/run-record.ts';

export const root = path.dirname(path.dirname(import.meta.dirname));

/** What a machine may have set for its own use: with it, tests would share stores and tell people of their failures. */
const FOREIGN = /^(MONGODB_URI|DATABASE_URL|PRIVACY_KEY|API_TOKEN|ALERT_\w+|SCHEDULE_\w+|REPRO_WORKSPACE|REPORT_URL|WORKERS|RATE|PORT|HOST)(_FILE)?$/;

/** The environment without that, for programs that a test starts. */
export function ownEnv(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !FOREIGN.test(name)));
}

/** Small enough for seconds, large enough that all three estimators learn something. */
const SMALL = ['collect.sample.reviews=900', 'train.folds=3', 'train.random-forest.trees=8'].flatMap((set) => ['--set', set]);

export interface Run {
  readonly status: number | null;
  readonly output: string;
  /** The record of this run, or null where nothing had to be done. */
  readonly record: RunRecord | null;
}

/** The real pipeline on a small sample, in a workspace of its own, by the command that people type. */
export class Pipeline {
  readonly workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-pipeline-'));
  /** Set for every command, besides what is set here. */
  env: Readonly<Record<string, string>> = {};

  async repro(...args: readonly string[]): Promise<Run> {
    const before = this.records().length;
    const child = spawn(process.execPath, [path.join(root, 'runner', 'repro.js'), '--workspace', this.workspace, ...SMALL, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...ownEnv(), NO_COLOR: '1', ...this.env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    const records = this.records();
    const newest = records.at(-1);
    return { status, output, record: records.length > before && newest !== undefined ? this.record(newest) : null };
  }

  records(): readonly string[] {
    try {
      return readdirSync(path.join(this.workspace, '.repro', 'runs')).filter((name) => name.endsWith('.json')).sort();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  record(name: string): RunRecord {
    return RunRecord.parse(JSON.parse(this.read(path.join('.repro', 'runs', name))));
  }

  read(file: string): string {
    return readFileSync(path.join(this.workspace, file), 'utf8');
  }

  remove(): void {
    rmSync(this.workspace, { recursive: true, force: true });
  }
}

/** The names of the stages that did work in a run, in the order of the pipeline. */
export function worked(run: Run): readonly string[] {
  assert.equal(run.status, 0, run.output);
  return (run.record?.stages ?? []).filter(({ state }) => state === 'ran' || state === 'restored').map(({ name }) => name);
}
