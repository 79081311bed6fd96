import type { Output } from '../print/output.ts';
import type { Screen } from '../print/style.ts';

/** What a command has to work with, apart from its options. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly argv: readonly string[];
  /** For people: stderr. */
  readonly messages: Output;
  readonly screen: Screen;
  /** For data: stdout. */
  readonly data: Output;
  readonly dataScreen: Screen;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}
