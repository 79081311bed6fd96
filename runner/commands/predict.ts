import { journalsOf } from '../aside.ts';
import type { CliOptions } from '../cli-options.ts';
import type { Result } from '../model.ts';
import { predict } from '../predict.ts';
import type { Prediction } from '../predict.ts';
import { predictionJson } from '../print/json.ts';
import { nameWidth, rowLines } from '../print/row.ts';
import { plain } from '../print/style.ts';
import { selectStages } from '../selection.ts';
import { cliWording } from '../wording-cli.ts';
import { holderNow } from '../workspace-lock.ts';
import { EXIT } from './exit.ts';
import { openPipeline } from './open.ts';
import type { Opened } from './open.ts';
import { tellProblems } from './tell.ts';
import type { Terminal } from './terminal.ts';

/** The pipeline, and what a run would do with the stages that the words name. */
export async function openPredicted(options: CliOptions, terminal: Terminal): Promise<Result<Opened & { readonly predictions: readonly Prediction[] }>> {
  const opened = await openPipeline(options, terminal);
  if (!opened.ok) return opened;
  const { pipeline, surroundings } = opened.value;
  const selection = selectStages(pipeline, options.words, options.single);
  if (!selection.ok) return selection;
  const { workspace } = pipeline.roots;
  const running = new Set(journalsOf(workspace).map(({ stage }) => stage));
  const predicted = await predict({ pipeline, selection: selection.value, surroundings, isForced: options.force });
  await surroundings.hashes.save();
  if (!predicted.ok) return predicted;
  const holder = await holderNow(workspace);
  if (holder === undefined) return { ok: true, value: { pipeline, surroundings, predictions: predicted.value } };
  if (!options.json) terminal.messages.line(cliWording.underWay(holder.pid, holder.since));
  // Its outs are moved aside while a stage runs, which looks as if it had been killed.
  for (const { stage } of journalsOf(workspace)) running.add(stage);
  const predictions = predicted.value.map((one): Prediction => (running.has(one.name) ? { ...one, state: 'run', reasons: [{ kind: 'running', text: cliWording.isRunning() }] } : one));
  return { ok: true, value: { pipeline, surroundings, predictions } };
}

/** `repro status` and `repro --dry-run`: what a run would do. Changes nothing. */
export async function predictCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  const opened = await openPredicted(options, terminal);
  if (!opened.ok) return tellProblems(opened.problems, options, terminal);
  const { predictions } = opened.value;
  if (options.json) {
    terminal.data.line(JSON.stringify({ event: 'prediction', stages: predictions.map(predictionJson) }));
    return EXIT.done;
  }
  const { dataScreen, data } = terminal;
  const width = nameWidth(predictions.map(({ name }) => name), dataScreen);
  for (const { name, state, reasons } of predictions) {
    for (const line of rowLines({ name, state, reasons }, dataScreen, width)) data.line(line);
    if (options.verbose) for (const { text } of reasons.slice(1)) data.line(`    ${plain(text)}`);
  }
  if (options.dryRun) terminal.messages.line(cliWording.dryRun());
  return EXIT.done;
}
