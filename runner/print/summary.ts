import type { RunRecord, StageReport } from '../run-record.ts';
import { STATE_WORDS, cliWording } from '../wording-cli.ts';
import { nameWidth, rowLines } from './row.ts';
import type { Row } from './row.ts';
import { paint, plain, timeText } from './style.ts';
import type { Screen } from './style.ts';

const ORDER = ['ran', 'restored', 'fresh', 'held', 'failed', 'blocked', 'interrupted', 'pending'] as const;

/** `3 ran, 1 restored, 10 fresh`. */
function counts(stages: readonly { readonly state: StageReport['state'] }[]): string {
  return ORDER.flatMap((state) => {
    const count = stages.filter((stage) => stage.state === state).length;
    return count === 0 ? [] : [`${count} ${STATE_WORDS[state]}`];
  }).join(', ');
}

function rowOf(stage: StageReport): Row {
  const worked = stage.state === 'ran' || stage.state === 'restored' || stage.state === 'failed' || stage.state === 'interrupted';
  // Why it ran is no longer what matters about a stage that failed.
  const reasons = stage.problem === null ? stage.reasons : [{ kind: stage.problem.kind, text: stage.problem.message.split('\n')[0] ?? '' }];
  return { name: stage.name, state: stage.state, reasons, seconds: worked ? stage.seconds : undefined };
}

/** What mattered, in one line; what finally stages say (where the report is, say) stands on lines of its own. */
function headlines(stages: readonly StageReport[], screen: Screen): readonly string[] {
  const told = stages.filter(({ state, headline }) => headline !== null && headline !== '' && (state === 'ran' || state === 'restored'));
  const text = ({ headline }: StageReport): string => (headline ?? '').split('\n').map(plain).join('\n  ');
  const closing = told.filter(({ reasons }) => reasons.some(({ kind }) => kind === 'finally'));
  const mattered = told.filter((stage) => !closing.includes(stage)).map(text).join('; ');
  return [...(mattered === '' ? [] : [paint(screen, 'bold', mattered)]), ...closing.map(text)];
}

/** The end of a run: a line a stage, what they had to tell, and the total. */
export function summaryLines(run: RunRecord, screen: Screen): readonly string[] {
  const width = nameWidth(run.stages.map(({ name }) => name), screen);
  const told = headlines(run.stages, screen);
  const saved = run.secondsSaved >= 0.05 ? `; ${cliWording.saved(timeText(run.secondsSaved))}` : '';
  const total = `${cliWording.stagesCount(run.stages.length)}: ${counts(run.stages)} ${cliWording.inTime(timeText(run.seconds))}${saved}`;
  const style = run.outcome === 'done' ? 'green' : run.outcome === 'failed' ? 'red' : 'yellow';
  return [
    ...run.stages.flatMap((stage) => rowLines(rowOf(stage), screen, width)),
    ...(told.length === 0 ? [] : ['', ...told]),
    '',
    paint(screen, [style, 'bold'], total),
    ...(run.outcome === 'interrupted' ? [cliWording.interrupted()] : []),
  ];
}
