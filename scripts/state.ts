// Keeps the workspace between runs on machines that forget, as a branch of its own: pnpm state pull | push
// One commit without history, encrypted: what users wrote is never readable in the repository.
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { $ } from 'zx';
import { workspaceOf } from './data/place.ts';

const BRANCH = 'data';
/** GitHub refuses files of 100 MB. */
const PIECE_BYTES = 90 * 1024 * 1024;
/** What a run builds on. Logs, the built site and embedded SQL tables are made again. */
const KEPT = ['data', 'models', 'reports', 'stores', 'releases', 'pipeline.lock', '.repro/stages', '.repro/cache', '.repro/runs', '.repro/alerts'];

const keyOf = (secret: string, salt: Buffer): Buffer => scryptSync(secret, salt, 32);

async function encrypt(from: string, to: string, secret: string): Promise<void> {
  const [salt, iv] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, salt), iv);
  writeFileSync(to, Buffer.concat([salt, iv]));
  await pipeline(createReadStream(from), cipher, createWriteStream(to, { flags: 'a' }));
  writeFileSync(to, cipher.getAuthTag(), { flag: 'a' });
}

async function decrypt(from: string, to: string, secret: string): Promise<void> {
  const { size } = statSync(from);
  const head = readFileSync(from).subarray(0, 28);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret, head.subarray(0, 16)), head.subarray(16, 28));
  decipher.setAuthTag(readFileSync(from).subarray(size - 16));
  await pipeline(createReadStream(from, { start: 28, end: size - 17 }), decipher, createWriteStream(to));
}

const { STATE_KEY: secret = '', GH_TOKEN: token = '', GITHUB_REPOSITORY: repository = '', STATE_REMOTE: own = '' } = process.env;
const remote = own !== '' ? own : `https://github.com/${repository}.git`;
const workspace = workspaceOf(undefined);
const header = token === '' ? [] : ['-c', `http.extraheader=AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`];

async function pull(folder: string): Promise<number> {
  const { stdout } = await $({ quiet: true })`git ${header} ls-remote ${remote} ${BRANCH}`;
  if (stdout.trim() === '') {
    console.log('nothing is kept yet: the first run begins anew');
    return 0;
  }
  await $({ quiet: true })`git ${header} clone --quiet --depth 1 --branch ${BRANCH} ${remote} ${folder}/clone`;
  const pieces = readdirSync(path.join(folder, 'clone')).filter((name) => name.startsWith('state.')).sort();
  const packed = path.join(folder, 'packed');
  for (const piece of pieces) writeFileSync(packed, readFileSync(path.join(folder, 'clone', piece)), { flag: 'a' });
  await decrypt(packed, path.join(folder, 'state.tar.gz'), secret);
  mkdirSync(workspace, { recursive: true });
  await $({ quiet: true })`tar -xzf ${folder}/state.tar.gz -C ${workspace}`;
  console.log(`took over what the last run left, ${(statSync(packed).size / 1e6).toFixed(1)} MB`);
  return 0;
}

async function push(folder: string): Promise<number> {
  const names = KEPT.filter((name) => existsSync(path.join(workspace, name)));
  await $({ quiet: true })`tar -czf ${folder}/state.tar.gz -C ${workspace} ${names}`;
  const packed = path.join(folder, 'packed');
  await encrypt(path.join(folder, 'state.tar.gz'), packed, secret);
  const branch = path.join(folder, 'branch');
  await $({ quiet: true })`git init --quiet --initial-branch ${BRANCH} ${branch}`;
  const bytes = readFileSync(packed);
  for (let piece = 0; piece * PIECE_BYTES < bytes.length; piece++) writeFileSync(path.join(branch, `state.${String(piece).padStart(3, '0')}`), bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES));
  await $({ quiet: true, cwd: branch })`git add --all`;
  await $({ quiet: true, cwd: branch })`git -c user.name=ulasan -c user.email=ulasan@localhost commit --quiet -m ${'What the last run left'}`;
  await $({ quiet: true, cwd: branch })`git ${header} push --quiet --force ${remote} ${BRANCH}`;
  console.log(`kept ${names.length} folders, ${(bytes.length / 1e6).toFixed(1)} MB`);
  return 0;
}

const [, , command] = process.argv;
if (command !== 'pull' && command !== 'push') {
  console.error('Usage: STATE_KEY=... pnpm state pull | push   (REPRO_WORKSPACE names the workspace, STATE_REMOTE another repository)');
  process.exitCode = 2;
} else if (secret === '') {
  console.error('Cannot keep the workspace without STATE_KEY: it holds what users wrote, which is only kept encrypted');
  process.exitCode = 2;
} else {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-state-'));
  try {
    process.exitCode = await (command === 'pull' ? pull(folder) : push(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
