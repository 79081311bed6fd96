// Deploys an image to a machine that runs docker compose, and goes back where it is not well:
//   pnpm deploy:host --host user@machine --image ghcr.io/...:commit
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { $ } from 'zx';
import { HOST_USAGE, wording } from './wording.ts';

const OPTIONS = { host: { type: 'string' }, image: { type: 'string' }, folder: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
/** A shell on the other side reads these: no word may be more than a word, or look like a flag. */
const SHAPES = { host: /^(ssh:\/\/)?\w[\w.@:[\]-]*$/, image: /^\w[\w./:@-]*$/, folder: /^\/[\w./-]+$/ } as const;
const SSH_FAILED = 255;

interface Wanted {
  readonly host: string;
  readonly image: string;
  readonly folder: string;
}

function read(args: readonly string[]): Wanted | string {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    if (values.help === true) return '';
    const wanted = { host: values.host ?? '', image: values.image ?? '', folder: values.folder ?? '/srv/ulasan' };
    const bad = (['host', 'image', 'folder'] as const).find((name) => !SHAPES[name].test(wanted[name]));
    return bad === undefined ? wanted : wording.badWord(`--${bad}`, wanted[bad]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function deploy({ host, image, folder }: Wanted, { key, known }: { readonly key: string; readonly known: string }): Promise<number> {
  const own = mkdtempSync(path.join(tmpdir(), 'ulasan-deploy-'));
  try {
    writeFileSync(path.join(own, 'key'), `${key.trim()}\n`, { mode: 0o600 });
    writeFileSync(path.join(own, 'known'), `${known.trim()}\n`);
    const options = [`UserKnownHostsFile=${own}/known`, 'StrictHostKeyChecking=yes', 'BatchMode=yes', 'IdentitiesOnly=yes', 'ConnectTimeout=20', 'ServerAliveInterval=15'].flatMap((option) => ['-o', option]);
    const script = readFileSync(path.join(import.meta.dirname, 'remote.sh'), 'utf8');
    const done = await $({ input: script, nothrow: true, stdio: ['pipe', 'inherit', 'inherit'] })`ssh -i ${own}/key ${options} -- ${host} sh -s -- ${image} ${folder}`;
    if (done.exitCode === SSH_FAILED) console.error(wording.noConnection(host));
    return done.exitCode ?? 1;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

async function main(args: readonly string[]): Promise<number> {
  const wanted = read(args);
  if (wanted === '') {
    console.log(HOST_USAGE);
    return 0;
  }
  const { DEPLOY_KEY: key = '', DEPLOY_KNOWN_HOSTS: known = '' } = process.env;
  const problem = typeof wanted === 'string' ? wanted : key === '' || known === '' ? wording.noKey : undefined;
  if (typeof wanted === 'string' || problem !== undefined) {
    console.error(`${problem}\n\n${HOST_USAGE}`);
    return 2;
  }
  return deploy(wanted, { key, known });
}

process.exitCode = await main(process.argv.slice(2));
