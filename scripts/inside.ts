#!/usr/bin/env node
// In a container, which has no pnpm, what `pnpm <command>` is elsewhere:  docker compose exec scheduler ulasan model list
// With the secrets of the container, which are files there, and on the data that its scheduler works on.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readScheduleParams } from '../services/schedule/params.ts';
import { secretOf } from '../services/settings.ts';
import { CODE } from './data/place.ts';

const { scripts } = JSON.parse(readFileSync(path.join(CODE, 'package.json'), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> };
/** Those that are a program of the image; the others are for people who change the code. */
const commands = Object.entries(scripts).filter(([, line]) => /^node (runner|services|scripts)\/[\w-]+\.(js|ts)$/.test(line)).map(([name]) => name);

/** Commands know variables; a container has files. */
function secrets(): Readonly<Record<string, string>> {
  return Object.fromEntries(['DATABASE_URL', 'MONGODB_URI', 'PRIVACY_KEY'].flatMap((name) => {
    const value = secretOf(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** What the scheduler adds to every run: without it a run by hand would be of the bundled sample, and publish that. */
function additions(command: string, [word]: readonly string[]): readonly string[] {
  const { set } = readScheduleParams(CODE);
  const sets = set.flatMap((one) => ['--set', one]);
  const dataset = ['source', 'app'].flatMap((name) => {
    const value = set.findLast((one) => one.startsWith(`collect.${name}=`))?.split('=')[1];
    return value === undefined ? [] : [`--${name}`, value];
  });
  if (command === 'repro' || (command === 'data' && word === 'restore')) return sets;
  if (command === 'data' && word === 'erase') return [...dataset, ...sets];
  return command === 'model' && word !== undefined ? dataset : [];
}

function start(command: string, args: readonly string[]): Promise<number> {
  const added = additions(command, args);
  // Whatever is typed comes after it, and wins.
  const words = command === 'repro' ? [...added, ...args] : [...args.slice(0, 1), ...added, ...args.slice(1)];
  if (added.length > 0) console.error(`as the scheduler does it: ${added.join(' ')}`);
  const [, program = ''] = (scripts[command] ?? '').split(' ');
  const child = spawn(process.execPath, [path.join(CODE, program), ...words], { cwd: CODE, stdio: 'inherit', env: { ...process.env, ...secrets() } });
  // The terminal sends Ctrl-C to both: the command decides what becomes of it.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

const [, , command, ...args] = process.argv;
if (command === undefined || !commands.includes(command)) {
  console.error(`${command === undefined || command === '--help' ? 'Usage: ulasan <command> …, as  pnpm <command> …  elsewhere' : `There is no command "${command}" in the image`}: ${commands.join(', ')}`);
  process.exitCode = command === '--help' ? 0 : 2;
} else process.exitCode = await start(command, args);
