import { mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Job, JobResult, Problem } from '../model.ts';
import { baseEnv, closeLog, openLog, tailOf } from './child.ts';
import { startKernel } from './kernel.ts';
import type { Executed, Kernel } from './kernel.ts';
import { linesOf, outputsOf, parseNotebook } from './notebook-file.ts';
import type { NotebookCell } from './notebook-file.ts';
import { wording } from './wording.ts';

/** No cell of a report should take longer. */
const CELL_MS = 180_000;

/** What a notebook has no business with; deno jupyter takes no permission flags, so a hidden first cell gives them up. */
const REVOKED = ['net', 'run', 'ffi', 'write'];

/** Where the data lies, for notebooks that are executed here; in JupyterLab it is not set, and they fall back to "..". */
function hiddenCell(workspace: string): string {
  return `globalThis.workspace = ${JSON.stringify(workspace)};\nfor (const name of ${JSON.stringify(REVOKED)}) Deno.permissions.revokeSync({ name } as Deno.PermissionDescriptor);`;
}

interface Failure {
  readonly name: string;
  readonly text: string;
  readonly line: number | undefined;
}

/** The error of a cell: from its error message, or, for syntax errors, from the reply alone. */
function failureOf({ messages, reply }: Executed): Failure | undefined {
  const error = messages.find(({ type }) => type === 'error');
  if (error === undefined && reply?.content.status !== 'error') return undefined;
  const content = error?.content ?? reply?.content ?? {};
  const traceback = stripVTControlCharacters([content.traceback ?? ''].flat().join('\n'));
  const value = stripVTControlCharacters(String(content.evalue ?? ''));
  const place = /<anonymous>:(\d+):\d+/.exec(traceback) ?? /\$deno\$repl[^:]*:(\d+):\d+/.exec(`${traceback} ${value}`);
  const text = (value === '' ? traceback : value).split('\n')[0] ?? '';
  return { name: String(content.ename ?? 'Error'), text: text.replaceAll(/ at file:\/\/\S+/g, ''), line: place === null ? undefined : Number(place[1]) };
}

interface Running {
  readonly job: Job;
  readonly file: string;
  readonly kernel: Kernel;
  readonly log: number;
}

type CellResult = { readonly ok: true; readonly cell: NotebookCell } | { readonly ok: false; readonly problem: Problem };

/** `count` numbers what is executed; `number` the code cells of the notebook as people wrote it. */
async function runCell({ job, file, kernel, log }: Running, cell: NotebookCell, order: { count: number; number: number }): Promise<CellResult> {
  const executed = await kernel.execute(cell.source.join(''), CELL_MS);
  const at = { file, number: order.number, id: cell.id };
  const { name: stage, place } = job.stage;
  if (executed.end === 'timeout') return { ok: false, problem: { kind: 'cell-timeout', message: wording.cellTimeout(at, CELL_MS / 1000), stage, place } };
  if (executed.end === 'gone') return { ok: false, problem: { kind: 'kernel-gone', message: wording.kernelGone(at), stage, place } };
  for (const { type, content } of executed.messages) if (type === 'stream') writeSync(log, String(content.text));
  const failure = failureOf(executed);
  if (failure !== undefined) {
    const error = failure.text.startsWith(failure.name) || failure.name === 'Error' ? failure.text : `${failure.name}: ${failure.text}`;
    return { ok: false, problem: { kind: 'cell', message: wording.cell({ ...at, line: failure.line }, error), stage, place } };
  }
  return { ok: true, cell: { ...cell, execution_count: order.count, outputs: outputsOf(executed.messages, order.count) } };
}

/** The params of the stage as a cell of their own after the one tagged "parameters", as papermill does it. */
function withParams(cells: readonly NotebookCell[], job: Job): readonly NotebookCell[] {
  const source = linesOf(`const params = ${JSON.stringify(job.params, null, 2)};`);
  const injected: NotebookCell = { cell_type: 'code', id: 'injected-parameters', metadata: { tags: ['injected-parameters'] }, source };
  const at = cells.findIndex((cell) => cell.metadata.tags?.includes('parameters'));
  return [...cells.slice(0, at + 1), injected, ...cells.slice(at + 1)];
}

async function runCells(running: Running, cells: readonly NotebookCell[], signal: AbortSignal): Promise<{ readonly ok: true; readonly cells: readonly NotebookCell[] } | { readonly ok: false; readonly result: JobResult }> {
  const hidden = await running.kernel.execute(hiddenCell(running.job.roots.workspace), CELL_MS);
  const broken = hidden.end === 'done' ? failureOf(hidden)?.text : 'it did not answer';
  if (broken !== undefined) return { ok: false, result: { kind: 'failed', problem: { kind: 'kernel', message: wording.noKernel(broken), stage: running.job.stage.name }, tail: [], events: [] } };
  const done: NotebookCell[] = [];
  let [count, number] = [0, 0];
  for (const cell of cells) {
    if (signal.aborted) return { ok: false, result: { kind: 'interrupted' } };
    if (cell.cell_type !== 'code') {
      done.push(cell);
      continue;
    }
    if (cell.metadata.tags?.includes('injected-parameters') !== true) number++;
    const result = await runCell(running, cell, { count: ++count, number });
    if (signal.aborted) return { ok: false, result: { kind: 'interrupted' } };
    if (!result.ok) return { ok: false, result: { kind: 'failed', problem: result.problem, tail: tailOf(running.job.log), events: [] } };
    done.push(result.cell);
  }
  return { ok: true, cells: done };
}

/** Executes a notebook in Deno's kernel, and writes it with its outputs to the stage's out that ends in .ipynb. */
export async function runNotebook(job: Job, file: string, signal: AbortSignal): Promise<JobResult> {
  const { stage, roots } = job;
  const out = stage.outs.find(({ path: declared }) => declared.endsWith('.ipynb'));
  const fail = (kind: string, message: string): JobResult => ({ kind: 'failed', problem: { kind, message, stage: stage.name, place: stage.place }, tail: tailOf(job.log), events: [] });
  if (out === undefined) return fail('no-notebook-out', wording.noNotebookOut(stage.name));
  const notebook = parseNotebook(readFileSync(path.join(roots.code, file), 'utf8'));
  const log = openLog(job, false);
  const denoDir = path.join(roots.workspace, '.repro', 'deno');
  mkdirSync(denoDir, { recursive: true });
  const env = { ...baseEnv(job), DENO_DIR: denoDir, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' };
  const kernel = await startKernel({ code: roots.code, cwd: path.dirname(path.join(roots.code, file)), env, log });
  if (kernel === undefined) {
    closeLog(log);
    return fail('kernel', wording.noKernel('it ended or did not answer'));
  }
  const stop = (): void => kernel.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const executed = await Promise.race([
      runCells({ job, file, kernel, log }, withParams(notebook.cells, job), signal),
      new Promise<{ readonly ok: false; readonly result: JobResult }>((resolve) => signal.addEventListener('abort', () => resolve({ ok: false, result: { kind: 'interrupted' } }), { once: true })),
    ]);
    if (!executed.ok) return executed.result;
    writeFileSync(job.paths[out.path] ?? path.join(roots.workspace, out.path), `${JSON.stringify({ ...notebook, cells: executed.cells }, null, 1)}\n`);
    return { kind: 'done', facts: { cells: executed.cells.filter(({ cell_type: type }) => type === 'code').length }, headline: undefined, receipt: undefined, events: [] };
  } finally {
    signal.removeEventListener('abort', stop);
    if (!signal.aborted) kernel.close();
    closeLog(log);
  }
}
