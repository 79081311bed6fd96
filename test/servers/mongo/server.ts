import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import path from 'node:path';

/** Built once: the sources do not change from run to run, and Maven takes its time. */
const BUILD = path.resolve(import.meta.dirname, '../../../node_modules/.cache/mongo-server');

function has(command: string): boolean {
  return spawnSync(command, ['-version'], { stdio: 'ignore' }).status === 0;
}

/** Why no MongoDB can be had for the tests, or false. A real one (MONGODB_URI) is not ours to stop, so that this one is needed as well. */
export function mongoMissing(): string | false {
  const missing = ['java', 'mvn'].filter((command) => !has(command));
  return missing.length === 0 ? false : `no MongoDB: ${missing.join(' and ')} missing (Debian: openjdk-17-jdk-headless, maven)`;
}

function build(): void {
  if (existsSync(path.join(BUILD, 'jars'))) return;
  const folder = `${BUILD}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  const built = spawnSync('mvn', ['-q', '-B', `-Dulasan.build=${folder}`, 'package'], { cwd: import.meta.dirname, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`Maven could not build the test server: ${built.stdout}${built.stderr}`);
  rmSync(BUILD, { recursive: true, force: true });
  renameSync(folder, BUILD);
}

export interface MongoServer {
  readonly uri: string;
  /** Gone at once, as by a power cut. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', () => resolve())));

/** A server whose data lies in a file, so that it survives; `port` to come back at the same address. */
export async function startMongo({ file, port = 0 }: { readonly file: string; readonly port?: number }): Promise<MongoServer & { readonly port: number }> {
  build();
  const jars = [path.join(BUILD, 'mongo-server-1.jar'), path.join(BUILD, 'jars', '*')].join(path.delimiter);
  const child = spawn('java', ['-Xmx512m', '-cp', jars, 'Launcher', file, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the test server ended with ${code}`)));
  });
  const found = Number(said.replace('port ', ''));
  return {
    port: found,
    uri: `mongodb://127.0.0.1:${found}/ulasan`,
    async kill() {
      child.kill('SIGKILL');
      await ended(child);
    },
    async stop() {
      child.stdin.end();
      await ended(child);
    },
  };
}
