import { stripVTControlCharacters, styleText } from 'node:util';

export interface Screen {
  readonly stream: NodeJS.WriteStream;
  /** Columns of a terminal; undefined where lines are not cut (a pipe, a file). */
  readonly width: number | undefined;
  readonly height: number;
  /** Lines may be taken back and written anew. */
  readonly isLive: boolean;
}

const WIDTH_DEFAULT = 80;
const HEIGHT_DEFAULT = 24;

/** A terminal that says it has no columns (some do) counts as one of 80. */
export function screenOf(stream: NodeJS.WriteStream, env: Readonly<Record<string, string | undefined>>): Screen {
  const isTerminal = stream.isTTY;
  const isLive = isTerminal && env.TERM !== 'dumb' && (env.CI === undefined || env.CI === '' || env.CI === 'false');
  return { stream, isLive, width: isTerminal ? stream.columns || WIDTH_DEFAULT : undefined, height: stream.rows || HEIGHT_DEFAULT };
}

export type Style = Parameters<typeof styleText>[0];

/** Colours text where the stream wants colour: NO_COLOR, FORCE_COLOR, TERM and pipes are Node's business. */
export function paint(screen: Screen, style: Style, text: string): string {
  return styleText(style, text, { stream: screen.stream });
}

// C0 and C1 controls, and the marks that turn the direction of text around: they could hide or forge what is shown.
const HOSTILE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text of others, safe to print: one line, no escape sequences. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll('\t', '  ').replaceAll(HOSTILE, '');
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NO_WIDTH = /\p{Mn}|\p{Me}|\p{Cf}/u;

const columnsOf = (character: string): number => (NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1);

/** Columns that uncoloured text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** Cut to so many columns, with an ellipsis; uncut where there is no width. */
export function cut(text: string, width: number | undefined): string {
  if (width === undefined || widthOf(text) <= width) return text;
  let kept = '';
  let used = 1;
  for (const character of text) {
    used += columnsOf(character);
    if (used > width) break;
    kept += character;
  }
  return `${kept}…`;
}

export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** `0.42 s`, `12.3 s`, `2 min 5 s`. */
export function timeText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 3600 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `3.4 GB`, by thousands as disks are sold. */
export function sizeText(bytes: number): string {
  const unit = Math.min(Math.floor(Math.log10(Math.max(1, bytes)) / 3), SIZES.length - 1);
  return `${unit === 0 ? bytes : (bytes / 1000 ** unit).toFixed(1)} ${SIZES[unit] ?? ''}`;
}
