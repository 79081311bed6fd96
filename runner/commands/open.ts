import path from 'node:path';
import type { CliOptions } from '../cli-options.ts';
import { readCode } from '../code/code.ts';
import { realDisk } from '../disk.ts';
import { openHashes } from '../hash.ts';
import { loadPipeline } from '../load.ts';
import type { Executor, Pipeline, Result } from '../model.ts';
import { nestParams, selectParams } from '../params.ts';
import { takeSecretFiles } from '../secret-files.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Terminal } from './terminal.ts';

/** Loaded at the first stage that runs: a run with nothing to do starts no process and needs none of it. */
const executor: Executor = {
  async execute(job, signal, said) {
    const { createLocalExecutor } = await import('../execute/local.ts');
    return createLocalExecutor().execute(job, signal, said);
  },
};

const ask: Surroundings['ask'] = async (file, question) => (await import('../ask.ts')).ask(file, question);

export interface Opened {
  readonly pipeline: Pipeline;
  readonly surroundings: Surroundings;
}

/** Loads the pipeline that the options name, with the real world around it. */
export async function openPipeline(options: CliOptions, terminal: Terminal): Promise<Result<Opened>> {
  const { file, roots, overrides } = options;
  const loaded = await loadPipeline({ file, roots, overrides });
  if (!loaded.ok) return loaded;
  const problems = takeSecretFiles(loaded.value.stages.flatMap(({ env }) => env), process.env);
  if (problems.length > 0) return { ok: false, problems };
  const hashes = openHashes(path.join(roots.workspace, '.repro', 'hashes.json'));
  const { env } = terminal;
  const command = ['repro', ...terminal.argv];
  const nodeVersion = process.versions.node;
  const surroundings = { executor, disk: realDisk, hashes, now: () => new Date(), pid: process.pid, env, nodeVersion, command, readCode, selectParams, nestParams, ask };
  return { ok: true, value: { pipeline: loaded.value, surroundings } };
}
