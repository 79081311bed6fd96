import type { Disk } from './disk.ts';
import type { Hashes } from './hash.ts';
import type { Code, Executor, Json, Pipeline, Receipt, Result, Stage } from './model.ts';
import type { Answer } from './plan.ts';

/** What a check module is asked about: `check(question)` answers with the receipt of the target as it is now, or null. */
export interface Question {
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly receipt: Receipt;
}

/** Everything the engine does to the world or hears from it, handed in: a test gives fakes, the command the real ones. */
export interface Surroundings {
  readonly executor: Executor;
  readonly disk: Disk;
  readonly hashes: Hashes;
  readonly now: () => Date;
  readonly pid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nodeVersion: string;
  /** The command line as typed, for the run record. */
  readonly command: readonly string[];
  readonly readCode: (options: { stage: Stage; pipeline: Pipeline; hashFile: (absolute: string) => Promise<string | undefined> }) => Promise<Result<Code>>;
  readonly selectParams: (stage: Stage, pipeline: Pipeline) => { readonly [fileAndKey: string]: Json };
  readonly nestParams: (stage: Stage, pipeline: Pipeline) => Json;
  readonly ask: (file: string, question: Question) => Promise<Answer>;
}
