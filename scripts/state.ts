// Keeps the workspace between runs on machines that forget, as a branch of its own: pnpm state pull | push
// One commit without history, encrypted: what users wrote is never readable in the repository.
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { $ } from 'zx';
import type { ProcessOutput } from 'zx';
import { workspaceOf } from './data/place.ts';
import { decrypt, encrypt } from './state/seal.ts';
import { USAGE, wording } from './state/wording.ts';

const BRANCH = 'data';
/** GitHub refuses files of 100 MB. */
const PIECE_BYTES = 90 * 1024 * 1024;
/** What a run builds on. Logs and the built site are made again; results of earlier runs, of which there are more each time, nobody misses. */
const KEPT = ['data', 'models', 'reports', 'stores', 'releases', 'pipeline.lock', '.repro/stages', '.repro/runs', '.repro/alerts'];

interface State {
  readonly remote: string;
  /** Without user and password, for people. */
  readonly shown: string;
  readonly workspace: string;
  readonly secret: string;
  /** A folder of our own, which goes at the end. */
  readonly folder: string;
}

/** Git asks nobody, and finds the token in its environment: the words of a command stand in the list of processes. */
function gitEnv(token: string): NodeJS.ProcessEnv {
  const header = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'http.extraheader', GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}` };
  return { ...process.env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...(token === '' ? {} : header) };
}

const quiet = $({ quiet: true, nothrow: true, env: gitEnv(process.env.GH_TOKEN ?? '') });

/** What a program said last, in one line; an address in it may hold a password. */
function lastWord({ stderr, message }: ProcessOutput): string {
  const lines = stderr.trim().split('\n').filter((line) => line.trim() !== '');
  return (lines.findLast((line) => /^(fatal|error|remote|tar)\b/i.test(line)) ?? lines.at(-1) ?? message.split('\n')[0] ?? '').replaceAll(/\/\/[^/@\s]+@/g, '//');
}

function fail(text: string): number {
  console.error(text);
  return 1;
}

async function pull({ remote, shown, workspace, secret, folder }: State): Promise<number> {
  const heads = await quiet`git ls-remote --heads ${remote} ${BRANCH}`;
  if (!heads.ok) return fail(wording.unreachable(shown, lastWord(heads)));
  if (heads.stdout.trim() === '') {
    console.log(wording.nothingKept);
    return 0;
  }
  const cloned = await quiet`git clone --quiet --depth 1 --branch ${BRANCH} ${remote} ${folder}/clone`;
  if (!cloned.ok) return fail(wording.unreachable(shown, lastWord(cloned)));
  const packed = path.join(folder, 'packed');
  writeFileSync(packed, '');
  for (const piece of readdirSync(path.join(folder, 'clone')).filter((name) => name.startsWith('state.')).sort()) writeFileSync(packed, readFileSync(path.join(folder, 'clone', piece)), { flag: 'a' });
  if (!(await decrypt(packed, path.join(folder, 'state.tar.gz'), secret))) return fail(wording.unreadable(shown, BRANCH));
  mkdirSync(workspace, { recursive: true });
  const unpacked = await quiet`tar -xzf ${folder}/state.tar.gz -C ${workspace}`;
  if (!unpacked.ok) return fail(wording.notUnpacked(workspace, lastWord(unpacked)));
  console.log(wording.took(statSync(packed).size));
  return 0;
}

/** Copies a file piece by piece: all of it may be more than fits in memory. */
function cut(file: string, folder: string): void {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  const source = openSync(file, 'r');
  try {
    for (let [piece, read] = [0, readSync(source, buffer)]; read > 0; [piece, read] = [piece + 1, readSync(source, buffer)]) writeFileSync(path.join(folder, `state.${String(piece).padStart(3, '0')}`), buffer.subarray(0, read));
  } finally {
    closeSync(source);
  }
}

async function push({ remote, shown, workspace, secret, folder }: State): Promise<number> {
  const names = KEPT.filter((name) => existsSync(path.join(workspace, name)));
  // An empty workspace must not take the place of all that is kept.
  if (names.length === 0) return fail(wording.nothingToKeep(workspace));
  const archived = await quiet`tar -czf ${folder}/state.tar.gz -C ${workspace} ${names}`;
  if (!archived.ok) return fail(wording.notPacked(workspace, lastWord(archived)));
  const packed = path.join(folder, 'packed');
  await encrypt(path.join(folder, 'state.tar.gz'), packed, secret);
  const branch = path.join(folder, 'branch');
  await quiet`git init --quiet --initial-branch ${BRANCH} ${branch}`;
  const { size } = statSync(packed);
  cut(packed, branch);
  const inBranch = quiet({ cwd: branch });
  const committed = await inBranch`git add --all && git -c user.name=ulasan -c user.email=ulasan@localhost commit --quiet -m ${'What the last run left'}`;
  if (!committed.ok) return fail(wording.notPacked(workspace, lastWord(committed)));
  const pushed = await inBranch`git push --quiet --force ${remote} ${BRANCH}`;
  if (!pushed.ok) return fail(wording.refused(shown, lastWord(pushed)));
  console.log(wording.kept(names.length, size));
  return 0;
}

async function main(command: string | undefined): Promise<number> {
  const { STATE_KEY: secret = '', GITHUB_REPOSITORY: repository = '', STATE_REMOTE: own = '' } = process.env;
  const problem = command !== 'pull' && command !== 'push' ? USAGE : secret === '' ? wording.noKey : own === '' && repository === '' ? wording.noRemote : undefined;
  if (problem !== undefined) {
    console.error(problem);
    return 2;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-state-'));
  try {
    const remote = own !== '' ? own : `https://github.com/${repository}.git`;
    const state = { remote, shown: remote.replace(/\/\/[^/@]+@/, '//'), workspace: workspaceOf(undefined), secret, folder };
    return await (command === 'pull' ? pull(state) : push(state));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv[2]);
