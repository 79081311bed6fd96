import { takeSecretFiles } from '../runner/secret-files.ts';

const USAGE = `Usage: pnpm data <command>

  export <collect | clean | predictions> --to FILE   reviews as CSV, JSON Lines or Parquet, for people and other programs
  restore                                            fills both stores again from data/collect
  erase <review id> …                                forgets reviews, wherever they left a trace
  prune                                              forgets results of earlier runs that show reviews which became too old
  drill                                              compares real answers of the Play Store with what is expected (needs a network)

Reviews come in by the pipeline: set collect.source and collect.path in params.yaml. Every command takes --help.`;

/** Runs a command with what follows it; its exit code. Each is loaded only when it is asked for. */
export async function main([command, ...args]: readonly string[]): Promise<number> {
  // As for the stages: where the stores are may be the content of files.
  const problems = takeSecretFiles(['MONGODB_URI', 'DATABASE_URL'], process.env);
  for (const { message } of problems) console.error(message);
  if (problems.length > 0) return 1;
  switch (command) {
    case 'export':
      return (await import('./data/export.ts')).run(args);
    case 'restore':
      return (await import('./data/restore.ts')).run(args);
    case 'erase':
      return (await import('./data/erase.ts')).run(args);
    case 'prune':
      return (await import('./data/prune.ts')).run(args);
    case 'drill':
      return (await import('./data/drill.ts')).run(args);
    case '--help':
    case '-h':
      console.log(USAGE);
      return 0;
    default:
      console.error(command === undefined ? USAGE : `Unknown command "${command}"\n\n${USAGE}`);
      return 2;
  }
}
