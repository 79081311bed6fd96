import type { CliOptions } from '../cli-options.ts';
import { predictionJson } from '../print/json.ts';
import { plain, timeText } from '../print/style.ts';
import { STATE_WORDS, cliWording } from '../wording-cli.ts';
import { EXIT } from './exit.ts';
import { openPredicted } from './predict.ts';
import { tellProblems } from './tell.ts';
import type { Terminal } from './terminal.ts';

/** `repro why [stage]`: every reason for what would become of a stage, in the words of the decision itself. */
export async function whyCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  const opened = await openPredicted(options, terminal);
  if (!opened.ok) return tellProblems(opened.problems, options, terminal);
  const { predictions } = opened.value;
  const named = predictions.filter(({ name }) => options.words.some((word) => name === word || name.startsWith(`${word}@`)));
  // Without a word: whatever is not simply fresh.
  const shown = options.words.length > 0 ? named : predictions.filter(({ state }) => state !== 'fresh');
  const { data } = terminal;
  if (options.json) {
    data.line(JSON.stringify({ event: 'why', stages: shown.map(predictionJson) }));
    return EXIT.done;
  }
  if (shown.length === 0) data.line(cliWording.fresh(predictions.length));
  for (const { name, state, reasons, record } of shown) {
    data.line(`${plain(name)}: ${STATE_WORDS[state]}`);
    for (const { text } of reasons) data.line(`  ${plain(text)}`);
    if (record !== undefined) data.line(`  ${cliWording.lastRan(record.ranAt, timeText(record.seconds))}`);
  }
  return EXIT.done;
}
