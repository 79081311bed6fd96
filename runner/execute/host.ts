import { inspect } from 'node:util';
import type { StageEvent } from '../model.ts';
import { hostContext, sealProcessEnv } from './host-context.ts';
import type { HostAnswer, HostJob } from './messages.ts';
import { Watch, ownFrame } from './violations.ts';

/** A stage must not outlive the runner that would take its result. */
process.once('disconnect', () => process.exit(1));

process.once('message', (message) => {
  const job = message as HostJob;
  void execute(job).then((answer) => {
    process.send?.(answer, () => process.exit(0));
  });
});

function describe(error: unknown): string {
  // WebAssembly programs throw plain objects: an error of the file system with its number, say.
  if (!(error instanceof Error)) return typeof error === 'object' ? inspect(error, { depth: 1, breakLength: Infinity }).slice(0, 300) : String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.name}: ${error.message}${cause}`;
}

async function execute(job: HostJob): Promise<HostAnswer> {
  const events: StageEvent[] = [];
  const watch = new Watch(job);
  if (!job.needs.includes('storage')) watch.closeStorage();
  sealProcessEnv(watch);
  const { violations } = watch;
  const late = new Promise<never>((_, reject) => {
    process.on('uncaughtException', reject);
    process.on('unhandledRejection', reject);
  });
  try {
    const loaded = (await Promise.race([import(job.module), late])) as { readonly run?: unknown };
    if (typeof loaded.run !== 'function') return { kind: 'no-run' };
    const run = loaded.run as (context: unknown) => Promise<unknown>;
    const outcome = await Promise.race([run(hostContext(job, watch, events)), late]);
    return { kind: 'outcome', outcome: JSON.parse(JSON.stringify(outcome ?? null)) as unknown, violations, events };
  } catch (error) {
    if (error instanceof Error && error.stack !== undefined) console.error(error.stack);
    const at = error instanceof Error ? ownFrame(job.roots, error.stack) : undefined;
    return { kind: 'threw', message: describe(error), at, violations, events };
  }
}
