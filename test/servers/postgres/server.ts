import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The folder of Debian's binaries, which are not in the path; or wherever pg_config says. */
function binaries(): string | undefined {
  const asked = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const folders = [...globSync('/usr/lib/postgresql/*/bin').sort().toReversed(), ...(asked.status === 0 ? [asked.stdout.trim()] : [])];
  return folders.find((folder) => existsSync(path.join(folder, 'initdb')) && existsSync(path.join(folder, 'postgres')));
}

const BINARIES = binaries();

/** Why no PostgreSQL can be had for the tests, or false. */
export function postgresMissing(): string | false {
  return BINARIES === undefined ? 'no PostgreSQL: neither /usr/lib/postgresql nor pg_config (Debian: postgresql)' : false;
}

/** Where a program of the server lies: psql, initdb. */
export const postgresBinary = (name: string): string => path.join(BINARIES ?? '', name);

/** initdb refuses root: it and the server run as somebody else then. */
function identity(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim() || spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout.trim());
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return address !== null && typeof address === 'object' ? address.port : 0;
}

export interface PostgresServer {
  readonly url: string;
  /** An address of a new, empty database. */
  fresh(): string;
  /** Gone at once, as by a power cut. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and leaves nothing behind. */
  stop(): Promise<void>;
}

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', () => resolve())));

/** A server of its own in a temporary folder, up in about a second. Without fsync, which guards against power cuts alone, not against a kill. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-pg-'));
  const who = identity();
  if (who.uid !== undefined && who.gid !== undefined) chownSync(folder, who.uid, who.gid);
  const options: SpawnOptions = { cwd: folder, ...who, stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } };
  const data = path.join(folder, 'data');
  const made = spawnSync(postgresBinary('initdb'), ['-D', data, '-U', 'ulasan', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], { cwd: folder, ...who, encoding: 'utf8', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stdout}${made.stderr}`);
  const port = await freePort();
  let server: ChildProcess | undefined;
  let count = 0;

  async function start(): Promise<void> {
    const child = spawn(postgresBinary('postgres'), ['-D', data, '-k', folder, '-h', '127.0.0.1', '-p', String(port), '-c', 'fsync=off'], options);
    server = child;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr?.setEncoding('utf8').on('data', (part: string) => {
        said += part;
        if (said.includes('ready to accept connections')) resolve();
      });
      child.once('exit', () => reject(new Error(`postgres ended: ${said}`)));
      child.once('error', reject);
    });
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (server === undefined) return;
    server.kill(signal);
    await ended(server);
  }

  await start();
  const url = `postgres://ulasan@127.0.0.1:${port}/postgres`;
  return {
    url,
    start,
    fresh() {
      const name = `test_${count++}`;
      const created = spawnSync(postgresBinary('psql'), [url, '-qc', `create database ${name}`], { encoding: 'utf8' });
      if (created.status !== 0) throw new Error(created.stderr);
      return url.replace(/postgres$/, name);
    },
    kill: () => end('SIGQUIT'),
    async stop() {
      await end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
