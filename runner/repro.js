// The `repro` command. Plain JavaScript, so that the compile cache is on before the first TypeScript is loaded: with a warm
// cache that halves the time of a run with nothing to do. On a Node older than 26 it starts itself again on the pinned one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import path from 'node:path';

const MAJOR_MIN = 26;
const modules = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..', 'node_modules');

/** Runs this file on the Node that npm installed, hands signals on, and ends as it ends. */
function startPinned() {
  const pinned = path.join(modules, '.bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(pinned)) {
    process.stderr.write(`Cannot start on Node ${process.versions.node} as Node ${MAJOR_MIN} or newer is needed, and ${pinned} is not there: run  npx -y pnpm@12 install\n`);
    process.exit(2);
  }
  const child = spawn(pinned, process.argv.slice(1), { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; `cli.ts` takes two signals that come at once for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`Cannot start ${pinned}: ${error.message}\n`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => process.exit(signal === 'SIGKILL' ? 137 : (code ?? 1)));
}

if (Number(process.versions.node.split('.')[0]) < MAJOR_MIN) startPinned();
else {
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE ?? path.join(modules, '.cache', 'repro'));
  const { main } = await import('./cli.ts');
  await main(process.argv.slice(2));
}
