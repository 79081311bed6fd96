import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from './settings.ts';
import { wording } from './wording.ts';

export interface Command<V> {
  readonly usage: string;
  readonly options: ParseArgsOptionsConfig;
  run(values: V, positionals: readonly string[]): Promise<number | undefined>;
}

/** Reads the flags of a command and runs it; sets the exit code: 0 done, 1 failed, 2 wrong usage. A service that goes on gives none. */
export async function runCommand<V>(args: readonly string[], { usage, options, run }: Command<V>): Promise<void> {
  try {
    if (args.includes('--help') || args.includes('-h')) {
      console.log(usage);
      return;
    }
    let parsed: { readonly values: unknown; readonly positionals: readonly string[] };
    try {
      parsed = parseArgs({ args: [...args], options, allowPositionals: true });
    } catch (error) {
      throw new UsageError(wording.unknownFlag(error instanceof Error ? error.message : String(error), usage));
    }
    process.exitCode = (await run(parsed.values as V, parsed.positionals)) ?? process.exitCode;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
