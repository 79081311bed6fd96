import path from 'node:path';
import type { CliOptions } from '../cli-options.ts';
import { readText } from '../disk.ts';
import type { Pipeline, Problem } from '../model.ts';
import { plain } from '../print/style.ts';
import { readRecord } from '../record.ts';
import { listRuns, readRun } from '../run-record.ts';
import { selectStages } from '../selection.ts';
import { cliWording } from '../wording-cli.ts';
import { EXIT } from './exit.ts';
import { openPipeline } from './open.ts';
import { tellProblems } from './tell.ts';
import type { Terminal } from './terminal.ts';

/** The newest output of a stage: of the newest run in which it did something, failed ones too, else of its record. */
function logOf(workspace: string, stage: string): string | undefined {
  for (const id of listRuns(workspace).toReversed()) {
    const report = readRun(workspace, id)?.stages.find(({ name }) => name === stage);
    if (report?.log !== null && report?.log !== undefined && report.state !== 'fresh' && report.state !== 'held') return report.log;
  }
  return readRecord(workspace, stage)?.log ?? undefined;
}

function tellLog(pipeline: Pipeline, stage: string, terminal: Terminal): Problem | undefined {
  const { workspace } = pipeline.roots;
  const log = logOf(workspace, stage);
  if (log === undefined) return { kind: 'no-log', message: cliWording.noSuchLog(stage) };
  const text = readText(path.resolve(workspace, log));
  if (text === undefined) return { kind: 'no-log', message: cliWording.logGone(stage, log) };
  if (text.trim() === '') terminal.messages.line(cliWording.emptyLog(stage));
  else for (const line of text.replace(/\n$/, '').split('\n')) terminal.data.line(plain(line));
  return undefined;
}

/** `repro logs <stage>`: what it printed when it last did something, control characters taken out. */
export async function logsCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  if (options.words.length === 0) return tellProblems([{ kind: 'usage', message: cliWording.logsNeedStage() }], options, terminal);
  const opened = await openPipeline(options, terminal);
  if (!opened.ok) return tellProblems(opened.problems, options, terminal);
  const selection = selectStages(opened.value.pipeline, options.words, true);
  if (!selection.ok) return tellProblems(selection.problems, options, terminal);
  const problems = selection.value.stages.flatMap(({ name }) => tellLog(opened.value.pipeline, name, terminal) ?? []);
  return problems.length === 0 ? EXIT.done : tellProblems(problems, options, terminal);
}
