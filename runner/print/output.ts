import type { Screen } from './style.ts';

/** Where lines for people go. `region` are lines at the bottom of a terminal that are replaced by the next ones. */
export interface Output {
  line(text: string): void;
  region(lines: readonly string[]): void;
}

/**
 * Writes to a stream that may be closed under our hands (`repro | head`): Node turns that into an error event, and from then
 * on nothing is written, while the run goes on.
 */
export function openOutput(screen: Screen): Output {
  const { stream } = screen;
  let shown = 0;
  let isOpen = true;
  stream.on('error', () => {
    isOpen = false;
  });
  const write = (text: string): void => {
    if (isOpen) stream.write(text);
  };
  // Up as many lines as the region has, then clear to the end of the screen.
  const clear = (): string => (shown === 0 ? '' : `\u001B[${shown}A\u001B[0J`);
  let last: readonly string[] = [];
  const draw = (lines: readonly string[]): string => {
    shown = lines.length;
    last = lines;
    return lines.map((line) => `${line}\n`).join('');
  };
  return {
    line(text) {
      const before = clear();
      write(`${before}${text}\n${draw(last)}`);
    },
    region(lines) {
      if (!screen.isLive) return;
      const before = clear();
      write(before + draw(lines.slice(0, Math.max(1, screen.height - 2))));
    },
  };
}
