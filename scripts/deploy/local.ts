// Rolls a new version of the code over a running server, and back where it is not well:
//   pnpm deploy:local --version DIR --current LINK [--url http://127.0.0.1:8501] [--workspace DIR]
// where the server runs as  pnpm serve --workers 2 --current LINK
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { workspaceOf } from '../data/place.ts';
import { illness, roll } from './roll.ts';

const USAGE = `Usage: pnpm deploy:local --version DIR --current LINK [--url http://127.0.0.1:8501] [--workspace DIR]

Starts the version in DIR beside the running server first, then leads LINK to it and replaces the server's processes one by
one, without a failed request; goes back where it is not well. The server runs as  pnpm serve --workers 2 --current LINK`;

const START_MS = 20_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Starts the version on a port of its own and asks it what a reader would ask; why it is not well, or null. */
async function rehearse(version: string, workspace: string): Promise<string | null> {
  const port = await freePort();
  const child = spawn(process.execPath, [path.join(version, 'services/serve.js'), '--workspace', workspace, '--port', String(port), '--rate', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  try {
    let why: string | null = 'it did not answer';
    for (const end = Date.now() + START_MS; why !== null && Date.now() < end; await sleep(100)) {
      if (child.exitCode !== null) return `it ended with ${child.exitCode}: ${said.trim().split('\n').slice(-3).join(' ')}`;
      why = await illness(`http://127.0.0.1:${port}`);
    }
    return why;
  } finally {
    child.kill('SIGTERM');
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { version: { type: 'string' }, current: { type: 'string' }, url: { type: 'string' }, workspace: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help === true || values.version === undefined || values.current === undefined) {
    console[values.help === true ? 'log' : 'error'](USAGE);
    return values.help === true ? 0 : 2;
  }
  const version = path.resolve(values.version);
  const workspace = workspaceOf(values.workspace);
  const say = (line: string): void => console.log(line);
  const rolled = await roll({ current: path.resolve(values.current), url: values.url ?? 'http://127.0.0.1:8501', workspace }, version, { rehearse: () => rehearse(version, workspace), say });
  switch (rolled.kind) {
    case 'deployed':
      say(`deployed ${path.basename(version)}`);
      return 0;
    case 'not-started':
      console.error(`error: ${path.basename(version)} is not well, so nothing was changed: ${rolled.why}`);
      return 1;
    case 'rolled-back':
      console.error(`error: ${path.basename(version)} was rolled back: ${rolled.why}`);
      return 1;
    default: {
      const never: never = rolled;
      return never;
    }
  }
}

process.exitCode = await main();
