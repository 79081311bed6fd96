import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { diskProblem } from './disk.ts';
import { UsageError } from './settings.ts';
import { wording } from './wording.ts';

export interface Command<V> {
  readonly usage: string;
  readonly options: ParseArgsOptionsConfig;
  /** Takes words beside its flags, and judges them itself. */
  readonly takesWords?: boolean;
  run(values: V, positionals: readonly string[]): Promise<number | undefined>;
}

/** Ends the process with a sentence where the cause lies outside of the program, and with the whole error where it is a bug. */
function endWith(error: unknown): never {
  if (error instanceof UsageError) {
    console.error(error.message);
    process.exit(2);
  }
  const disk = diskProblem(error);
  console.error(disk?.sentence ?? error);
  process.exit(disk?.code ?? 1);
}

/**
 * Reads the flags of a command and runs it; sets the exit code: 0 done, 1 failed, 2 wrong usage. A service that goes on gives
 * none; what stops it later, as a disk that is full, ends it in the same way.
 */
export async function runCommand<V>(args: readonly string[], { usage, options, takesWords = false, run }: Command<V>): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage);
    return;
  }
  process.on('uncaughtException', endWith);
  try {
    let parsed: { readonly values: unknown; readonly positionals: readonly string[] };
    try {
      parsed = parseArgs({ args: [...args], options, allowPositionals: true });
    } catch (error) {
      throw new UsageError(wording.unknownFlag(error instanceof Error ? error.message : String(error), usage));
    }
    if (!takesWords && parsed.positionals.length > 0) throw new UsageError(wording.unknownFlag(wording.unknownWord(parsed.positionals), usage));
    process.exitCode = (await run(parsed.values as V, parsed.positionals)) ?? process.exitCode;
  } catch (error) {
    endWith(error);
  }
}
