import type { Executor, Job, JobResult } from '../model.ts';
import { runSealed } from './sealed.ts';
import { runShell } from './shell.ts';

/** Runs stages as processes of this machine. */
export function createLocalExecutor(): Executor {
  return {
    async execute(job: Job, signal: AbortSignal, said: (line: string) => void = () => undefined): Promise<JobResult> {
      const { work } = job.stage;
      switch (work.kind) {
        case 'shell':
          return runShell(job, work.commands, signal);
        case 'module':
          return runSealed({ job, file: work.file, signal, said });
        case 'notebook': {
          // The kernel's transport is a native addon: only a run with a notebook in it pays for loading it.
          const { runNotebook } = await import('./notebook.ts');
          return runNotebook(job, work.file, signal);
        }
        default: {
          const never: never = work;
          return never;
        }
      }
    },
  };
}
