import type { Prediction } from '../predict.ts';
import type { StageReport } from '../run-record.ts';
import type { Reason } from '../model.ts';
import { STATE_WORDS, cliWording } from '../wording-cli.ts';
import { cut, padded, paint, plain, timeText, widthOf } from './style.ts';
import type { Screen, Style } from './style.ts';

export type RowState = StageReport['state'] | Prediction['state'] | 'running';

export interface Row {
  readonly name: string;
  readonly state: RowState;
  readonly reasons: readonly Reason[];
  /** Seconds; undefined where there is no time to tell. */
  readonly seconds?: number | undefined;
}

const MARKS: Readonly<Record<RowState, readonly [string, Style]>> = {
  ran: ['✔', 'green'],
  restored: ['↺', 'cyan'],
  fresh: ['≡', 'dim'],
  held: ['‖', 'yellow'],
  failed: ['✖', 'red'],
  blocked: ['·', 'yellow'],
  interrupted: ['✖', 'yellow'],
  pending: ['·', 'dim'],
  running: ['▸', 'blue'],
  run: ['▸', 'green'],
  restore: ['↺', 'cyan'],
  'may-run': ['?', 'yellow'],
};

const NAME_MAX = 32;
const STATE_WIDTH = 11;
const TIME_WIDTH = 11;
/** Below this many columns the reason gets a line of its own. */
const NARROW = 64;

export function nameWidth(names: readonly string[], screen: Screen): number {
  const most = screen.width === undefined ? NAME_MAX : Math.min(NAME_MAX, Math.max(8, Math.floor(screen.width / 3)));
  return Math.min(most, Math.max(4, ...names.map((name) => widthOf(plain(name)))));
}

/** The first reason in a word, and how many more there are. */
export function reasonText(reasons: readonly Reason[]): string {
  const [first, ...rest] = reasons;
  if (first === undefined) return '';
  return plain(first.text) + (rest.length === 0 ? '' : ` ${cliWording.moreReasons(rest.length)}`);
}

/** One stage in one line (two on a narrow terminal, where there is a reason). */
export function rowLines(row: Row, screen: Screen, width: number): readonly string[] {
  const [mark, style] = MARKS[row.state];
  const name = padded(cut(plain(row.name), width), width);
  const word = STATE_WORDS[row.state];
  const time = row.seconds === undefined ? '' : timeText(row.seconds);
  const reason = reasonText(row.reasons);
  const isNarrow = screen.width !== undefined && screen.width < NARROW;
  const head = `${paint(screen, style, mark)} ${name} ${paint(screen, style, padded(word, STATE_WIDTH))} `;
  const headWidth = 4 + width + STATE_WIDTH;
  if (isNarrow) {
    const line = `${head}${time}`.trimEnd();
    return reason === '' ? [line] : [line, `    ${paint(screen, 'dim', cut(reason, (screen.width ?? 0) - 5))}`];
  }
  const room = screen.width === undefined ? undefined : Math.max(8, screen.width - headWidth - TIME_WIDTH - 1);
  const line = `${head}${padded(time, TIME_WIDTH)}`;
  return [reason === '' ? line.trimEnd() : `${line} ${paint(screen, 'dim', cut(reason, room))}`];
}
