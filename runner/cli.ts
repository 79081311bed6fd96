import { statSync } from 'node:fs';
import { readCliOptions } from './cli-options.ts';
import type { CliOptions } from './cli-options.ts';
import type { Terminal } from './commands/terminal.ts';
import type { Problem } from './model.ts';
import { openOutput } from './print/output.ts';
import { screenOf } from './print/style.ts';

/** Ctrl-C reaches us more than once where a package manager or the older Node hands it on: within this time it is one. */
const SAME_SIGNAL_MS = 400;

/** The first signal asks for an orderly end, a later one ends at once: children die with us, and the next run repairs. */
function listenForSignals(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  let firstMs: number | undefined;
  const onSignal = (): void => {
    if (firstMs === undefined) {
      firstMs = Date.now();
      onFirst();
      controller.abort();
    } else if (Date.now() - firstMs > SAME_SIGNAL_MS) process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return controller.signal;
}

/** Each command is loaded when it is asked for: the usual one, with nothing to do, must not pay for the others. */
async function dispatch(options: CliOptions, terminal: Terminal): Promise<number> {
  switch (options.command) {
    case 'run':
      return (await import('./commands/run.ts')).runCommand(options, terminal);
    case 'status':
      return (await import('./commands/predict.ts')).predictCommand(options, terminal);
    case 'why':
      return (await import('./commands/why.ts')).whyCommand(options, terminal);
    case 'dag':
      return (await import('./commands/dag.ts')).dagCommand(options, terminal);
    case 'logs':
      return (await import('./commands/logs.ts')).logsCommand(options, terminal);
    case 'gc':
      return (await import('./commands/gc.ts')).gcCommand(options, terminal);
    case 'help': {
      const { HELP } = await import('./wording-cli.ts');
      terminal.data.line(HELP.trimEnd());
      return 0;
    }
    default: {
      const never: never = options.command;
      return never;
    }
  }
}

/** Only a run makes a workspace: asked of one that is not there, the others would tell of an empty one, and leave it behind. */
async function lacksWorkspace({ command, dryRun, roots }: CliOptions): Promise<readonly Problem[]> {
  const makes = command === 'help' || (command === 'run' && !dryRun);
  if (makes || roots.workspace === roots.code || statSync(roots.workspace, { throwIfNoEntry: false })?.isDirectory() === true) return [];
  const { cliWording } = await import('./wording-cli.ts');
  return [{ kind: 'usage', message: cliWording.noWorkspace(roots.workspace), hint: cliWording.workspaceHint() }];
}

function openTerminal(argv: readonly string[]): Terminal {
  const { env } = process;
  const screen = screenOf(process.stderr, env);
  const messages = openOutput(screen);
  const dataScreen = screenOf(process.stdout, env);
  const data = openOutput({ ...dataScreen, isLive: false });
  const signal = listenForSignals(() => {
    void import('./wording-cli.ts').then(({ cliWording }) => messages.line(cliWording.aborting()));
  });
  return { env, cwd: process.cwd(), argv, messages, screen, data, dataScreen, signal };
}

/** The command line: answers in the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const terminal = openTerminal(argv);
  try {
    const options = readCliOptions(argv, terminal.env, terminal.cwd);
    const problems = options.ok ? await lacksWorkspace(options.value) : options.problems;
    if (options.ok && problems.length === 0) process.exitCode = await dispatch(options.value, terminal);
    else {
      const { tellProblems } = await import('./commands/tell.ts');
      process.exitCode = tellProblems(problems, { json: argv.includes('--json') }, terminal);
    }
  } catch (error) {
    const { cliWording } = await import('./wording-cli.ts');
    terminal.messages.line(cliWording.bug(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    process.exitCode = 1;
  }
  // A check module may have left something open that would keep us alive: what is to be said is said.
  setTimeout(() => process.exit(), 1000).unref();
}
