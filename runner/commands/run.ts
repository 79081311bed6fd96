import type { CliOptions } from '../cli-options.ts';
import { COMMANDS } from '../cli-options.ts';
import { runPipeline } from '../engine.ts';
import type { Pipeline, Problem } from '../model.ts';
import { nearest } from '../nearest.ts';
import type { Prediction } from '../predict.ts';
import { selectStages } from '../selection.ts';
import type { EngineEvent } from '../session.ts';
import { cliWording } from '../wording-cli.ts';
import { EXIT } from './exit.ts';
import { openPipeline } from './open.ts';
import type { Terminal } from './terminal.ts';

/** What tells of problems is loaded when there are some. */
async function tellProblems(problems: readonly Problem[], options: CliOptions, terminal: Terminal): Promise<number> {
  const { tellProblems: tell } = await import('./tell.ts');
  return tell(problems, options, terminal);
}

/** A word that is no stage may be a mistyped command. */
function withCommandHint(problems: readonly Problem[], words: readonly string[]): readonly Problem[] {
  const command = words.length === 1 ? nearest(words[0] ?? '', COMMANDS) : undefined;
  return problems.map((problem) => (problem.kind === 'unknown-stage' && command !== undefined ? { ...problem, hint: cliWording.orCommand(command) } : problem));
}

async function tellNothing(predictions: readonly Prediction[], pipeline: Pipeline, told: { readonly options: CliOptions; readonly terminal: Terminal }): Promise<void> {
  const { options, terminal } = told;
  if (options.json) {
    const { predictionJson } = await import('../print/json.ts');
    terminal.data.line(JSON.stringify({ event: 'summary', outcome: 'nothing-to-do', stages: predictions.map(predictionJson) }));
    return;
  }
  const { nothingLines } = await import('../print/nothing.ts');
  const finallyStages = new Set(pipeline.stages.filter((stage) => stage.finally).map(({ name }) => name));
  for (const line of nothingLines(predictions, finallyStages, terminal.screen)) terminal.messages.line(line);
}

/** Says what happens as it happens; what prints it is loaded with the first event, since often there is none. */
function listener(options: CliOptions, terminal: Terminal): { readonly emit: (event: EngineEvent) => void; readonly flush: () => Promise<void> } {
  const { screen, messages: output, cwd, data } = terminal;
  const { workspace } = options.roots;
  let show: ((event: EngineEvent) => void) | undefined;
  const early: EngineEvent[] = [];
  let loading: Promise<void> | undefined;
  const load = async (): Promise<void> => {
    if (options.json) {
      const { eventJson } = await import('../print/json.ts');
      show = (event) => data.line(JSON.stringify(eventJson(event)));
    } else {
      const { showProgress } = await import('../print/progress.ts');
      show = showProgress({ screen, output, cwd, workspace, verbose: options.verbose, nowMs: Date.now });
    }
    for (const event of early.splice(0)) show(event);
  };
  return {
    emit(event) {
      if (show !== undefined) return show(event);
      early.push(event);
      loading ??= load();
      return undefined;
    },
    async flush() {
      await loading;
    },
  };
}

/** `repro [stage…]`: brings the pipeline up to date. */
export async function runCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  if (options.dryRun) return (await import('./predict.ts')).predictCommand(options, terminal);
  const opened = await openPipeline(options, terminal);
  if (!opened.ok) return tellProblems(opened.problems, options, terminal);
  const { pipeline, surroundings } = opened.value;
  const selection = selectStages(pipeline, options.words, options.single);
  if (!selection.ok) return tellProblems(withCommandHint(selection.problems, options.words), options, terminal);
  const { emit, flush } = listener(options, terminal);
  const { keepGoing, wait } = options;
  const jobs = options.jobs ?? process.getBuiltinModule('node:os').availableParallelism();
  const result = await runPipeline({ pipeline, surroundings, selection: selection.value, isForced: options.force, jobs, keepGoing, wait, signal: terminal.signal, emit });
  await flush();
  switch (result.kind) {
    case 'nothing-to-do':
      await tellNothing(result.predictions, pipeline, { options, terminal });
      return EXIT.done;
    case 'refused':
      return tellProblems(result.problems, options, terminal);
    case 'interrupted':
      return EXIT.interrupted;
    case 'ran':
      return result.run.outcome === 'interrupted' ? EXIT.interrupted : result.run.outcome === 'failed' ? EXIT.failed : EXIT.done;
    default: {
      const never: never = result;
      return never;
    }
  }
}
