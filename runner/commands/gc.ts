import type { CliOptions } from '../cli-options.ts';
import { problemOfDisk } from '../disk-problem.ts';
import { realDisk } from '../disk.ts';
import { sizeText } from '../print/style.ts';
import { pruneCache } from '../prune.ts';
import { cliWording } from '../wording-cli.ts';
import { lockWorkspace } from '../workspace-lock.ts';
import { EXIT } from './exit.ts';
import { tellProblems } from './tell.ts';
import type { Terminal } from './terminal.ts';

/** `repro gc`: clears earlier results out of the cache, but never what the workspace stands on. */
export async function gcCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  if (options.words.length > 0) return tellProblems([{ kind: 'usage', message: cliWording.gcWords() }], options, terminal);
  const { workspace } = options.roots;
  const { messages, data, signal } = terminal;
  try {
    const lock = await lockWorkspace({ workspace, disk: realDisk, now: new Date().toISOString(), wait: options.wait, signal, onWait: ({ pid }) => messages.line(cliWording.waiting(cliWording.process(pid))) });
    if (lock.kind === 'aborted') return EXIT.interrupted;
    if (lock.kind === 'busy') return tellProblems([{ kind: 'busy', message: cliWording.busyHere(cliWording.process(lock.holder.pid)) }], options, terminal);
    try {
      const pruned = await pruneCache({ disk: realDisk, workspace }, { keepBytes: options.keepBytes, isDryRun: options.dryRun });
      const { results, bytes, keptBytes } = pruned;
      if (options.json) data.line(JSON.stringify({ event: 'gc', ...pruned }));
      else messages.line((options.dryRun ? cliWording.wouldPrune : cliWording.pruned)(cliWording.earlierResults(results), sizeText(bytes), sizeText(keptBytes)));
      return EXIT.done;
    } finally {
      lock.release();
    }
  } catch (error) {
    const problem = problemOfDisk(error, workspace);
    if (problem === undefined) throw error;
    return tellProblems([problem], options, terminal);
  }
}
