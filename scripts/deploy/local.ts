// Rolls a new version of the code over a running server, and back where it is not well:
//   pnpm deploy:local --version DIR --current LINK [--url http://127.0.0.1:8501] [--workspace DIR]
// where the server runs as  pnpm serve --workers 2 --current LINK
import path from 'node:path';
import { parseArgs } from 'node:util';
import { linkOf } from '../../services/state/server.ts';
import { workspaceThere } from '../data/place.ts';
import { rehearse } from './rehearse.ts';
import { roll } from './roll.ts';
import { LOCAL_USAGE, sentence, wording } from './wording.ts';

const OPTIONS = { version: { type: 'string' }, current: { type: 'string' }, url: { type: 'string' }, workspace: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
/** A package manager hands a signal on a second time. */
const SAME_SIGNAL_MS = 400;

/** Ctrl-C undoes what was begun, which takes a moment; a second one ends at once. */
function untilStopped(): AbortSignal {
  const stop = new AbortController();
  let firstMs: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (firstMs !== undefined && Date.now() - firstMs > SAME_SIGNAL_MS) process.exit(130);
      firstMs ??= Date.now();
      stop.abort();
    });
  }
  return stop.signal;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const values = parse(args);
  if (typeof values === 'string' || values.version === undefined || values.current === undefined) {
    if (typeof values !== 'string' && values.help === true) {
      console.log(LOCAL_USAGE);
      return 0;
    }
    console.error(typeof values === 'string' ? `${values}\n\n${LOCAL_USAGE}` : LOCAL_USAGE);
    return 2;
  }
  const version = path.resolve(values.version);
  const there = workspaceThere(values.workspace);
  if (!there.ok) {
    console.error(there.why);
    return 2;
  }
  const { workspace } = there;
  const say = (line: string): void => console.log(line);
  const signal = untilStopped();
  let current: string;
  try {
    current = linkOf(values.current);
  } catch {
    console.error(sentence({ kind: 'refused', why: wording.noLink(values.current) }, path.basename(version)).text);
    return 1;
  }
  const running = { current, url: (values.url ?? 'http://127.0.0.1:8501').replace(/\/+$/, ''), workspace };
  const { text, failed } = sentence(await roll(running, version, { rehearse: () => rehearse(version, { workspace, say, signal }), say, signal }), path.basename(version));
  console[failed ? 'error' : 'log'](text);
  return failed ? 1 : 0;
}

// Whoever listened may have gone: that is no reason to stop half-way.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.exitCode = await main(process.argv.slice(2));
