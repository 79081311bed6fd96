import type { Prediction } from '../predict.ts';
import { cliWording } from '../wording-cli.ts';
import { paint, plain, timeText } from './style.ts';
import type { Screen } from './style.ts';

/** A run with nothing to do: one line, and what a `finally` stage said last (where the report is, say). */
export function nothingLines(predictions: readonly Prediction[], finallyStages: ReadonlySet<string>, screen: Screen): readonly string[] {
  const held = predictions.filter(({ state }) => state === 'held').length;
  const saved = predictions.reduce((sum, { record }) => sum + (record?.seconds ?? 0), 0);
  const parts = [cliWording.fresh(predictions.length - held), ...(held === 0 ? [] : [cliWording.heldCount(held)]), ...(saved < 0.05 ? [] : [cliWording.saved(timeText(saved))])];
  const told = predictions.flatMap(({ name, record }) => {
    const headline = record?.headline ?? '';
    return finallyStages.has(name) && headline !== '' ? [`${paint(screen, 'bold', plain(name))}: ${headline.split('\n').map(plain).join('\n  ')}`] : [];
  });
  return [paint(screen, 'green', cliWording.nothingToDo(parts.join(', '))), ...told];
}
