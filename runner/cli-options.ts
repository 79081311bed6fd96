import path from 'node:path';
import { parseArgs } from 'node:util';
import { nearest } from './nearest.ts';
import type { Result, Roots } from './model.ts';
import { cliWording } from './wording-cli.ts';

export const COMMANDS = ['run', 'status', 'why', 'dag', 'logs', 'gc', 'help'] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface CliOptions {
  readonly command: CommandName;
  /** Stages, or whatever follows the command. */
  readonly words: readonly string[];
  /** Absolute path of pipeline.yaml. */
  readonly file: string;
  readonly roots: Roots;
  readonly overrides: readonly string[];
  readonly force: boolean;
  readonly dryRun: boolean;
  /** Undefined: as many as there are processors. */
  readonly jobs: number | undefined;
  readonly keepGoing: boolean;
  readonly single: boolean;
  readonly json: boolean;
  readonly wait: boolean;
  readonly verbose: boolean;
  /** Of `gc`: what may be left in the cache. */
  readonly keepBytes: number;
  readonly format: 'terminal' | 'mermaid' | 'dot';
}

const FLAGS = {
  force: { type: 'boolean', short: 'f' },
  'dry-run': { type: 'boolean', short: 'n' },
  jobs: { type: 'string', short: 'j' },
  'keep-going': { type: 'boolean', short: 'k' },
  single: { type: 'boolean', short: 's' },
  set: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  directory: { type: 'string', short: 'C' },
  file: { type: 'string' },
  workspace: { type: 'string' },
  'no-wait': { type: 'boolean' },
  keep: { type: 'string' },
  verbose: { type: 'boolean', short: 'v' },
  mermaid: { type: 'boolean' },
  dot: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const OPTION_NAMES: readonly string[] = Object.keys(FLAGS);

const usage = (message: string): Result<never> => ({ ok: false, problems: [{ kind: 'usage', message, hint: cliWording.usageHint() }] });

function isCommand(word: string | undefined): word is CommandName {
  return COMMANDS.some((name) => name === word);
}

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true, strict: true });
}

/** What `parseArgs` did not like, in our words. */
function parseProblem(error: TypeError): Result<never> {
  const unknown = /Unknown option '([^' ]+)/.exec(error.message)?.[1];
  if (unknown === undefined) return usage(cliWording.badOption(error.message.split('\n')[0] ?? error.message));
  const name = unknown.replace(/^-+/, '');
  const hint = name.length === 1 ? undefined : nearest(name, OPTION_NAMES);
  return usage(cliWording.unknownOption(unknown, hint === undefined ? undefined : `--${hint}`));
}

function rootsOf(values: Values, env: Readonly<Record<string, string | undefined>>, cwd: string): { file: string; roots: Roots } {
  const folder = path.resolve(cwd, values.directory ?? '.');
  const file = path.resolve(folder, values.file ?? 'pipeline.yaml');
  const code = path.dirname(file);
  const workspace = values.workspace ?? env.REPRO_WORKSPACE;
  return { file, roots: { code, workspace: workspace === undefined || workspace === '' ? code : path.resolve(folder, workspace) } };
}

function jobsOf(text: string | undefined): Result<number | undefined> {
  if (text === undefined) return { ok: true, value: undefined };
  const jobs = Number(text);
  return Number.isInteger(jobs) && jobs > 0 ? { ok: true, value: jobs } : usage(cliWording.badJobs(text));
}

const UNITS = ['', 'k', 'm', 'g', 't'];

/** `2GB`, `500 MB` or a number of bytes, by thousands as disks are sold. */
function bytesOf(text: string | undefined): Result<number> {
  const parts = /^(\d+(?:\.\d+)?)\s*(|k|m|g|t)b?$/i.exec(text?.trim() ?? '0');
  if (parts === null) return usage(cliWording.badKeep(text ?? ''));
  return { ok: true, value: Number(parts[1]) * 1000 ** UNITS.indexOf((parts[2] ?? '').toLowerCase()) };
}

/** The command line as options, or what is wrong with it. A first word that names a command is one, even if a stage has its name. */
export function readCliOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>, cwd: string): Result<CliOptions> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return parseProblem(error);
  }
  const { values, positionals } = parsed;
  const [first, ...rest] = positionals;
  const command = values.help === true ? 'help' : isCommand(first) ? first : 'run';
  const jobs = jobsOf(values.jobs);
  if (!jobs.ok) return jobs;
  const keep = bytesOf(values.keep);
  if (!keep.ok) return keep;
  const words = isCommand(first) ? rest : positionals;
  if (values.single === true && command === 'run' && words.length === 0) return usage(cliWording.singleNeedsStage());
  return {
    ok: true,
    value: {
      command,
      words,
      ...rootsOf(values, env, cwd),
      overrides: values.set ?? [],
      force: values.force ?? false,
      dryRun: values['dry-run'] ?? false,
      jobs: jobs.value,
      keepGoing: values['keep-going'] ?? false,
      single: values.single ?? false,
      json: values.json ?? false,
      wait: values['no-wait'] !== true,
      verbose: values.verbose ?? false,
      keepBytes: keep.value,
      format: values.mermaid === true ? 'mermaid' : values.dot === true ? 'dot' : 'terminal',
    },
  };
}
