import type { CliOptions } from '../cli-options.ts';
import type { Problem } from '../model.ts';
import { problemJson } from '../print/json.ts';
import { problemLines } from '../print/problem.ts';
import { EXIT } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Kinds that are no fault of the command line or the pipeline: the work itself could not be done. */
const FAILURES = new Set(['disk-full', 'no-permission', 'read-only', 'disk']);

/** Tells what is wrong, to people and to programs, and answers with the exit code for it. */
export function tellProblems(problems: readonly Problem[], options: Pick<CliOptions, 'json'>, terminal: Terminal): number {
  for (const problem of problems) {
    if (options.json) terminal.data.line(JSON.stringify(problemJson(problem)));
    for (const line of problemLines(problem, terminal.screen, terminal.cwd)) terminal.messages.line(line);
  }
  return problems.some(({ kind }) => FAILURES.has(kind)) ? EXIT.failed : EXIT.usage;
}
