// Is this version of the code well? Started beside what runs, or where it serves already:
//   node scripts/deploy/check.ts [--url http://127.0.0.1:8501] [--workspace DIR]
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CODE, workspaceThere } from '../data/place.ts';
import { healthOf } from './health.ts';
import { rehearse } from './rehearse.ts';
import { CHECK_USAGE, wording } from './wording.ts';

/** A server that was just started, or a gateway that just found it, may need so long. */
const PATIENCE_MS = 20_000;

async function illnessOf(url: string, workspace: string): Promise<string | null> {
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(500)) {
    const health = await healthOf(url, workspace);
    if (health.kind !== 'ill') return null;
    if (Date.now() > end) return health.why;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { url: { type: 'string' }, workspace: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${CHECK_USAGE}`);
    return undefined;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const values = parse(args);
  if (values === undefined) return 2;
  if (values.help === true) {
    console.log(CHECK_USAGE);
    return 0;
  }
  const there = workspaceThere(values.workspace);
  if (!there.ok) {
    console.error(there.why);
    return 2;
  }
  const { workspace } = there;
  const say = (line: string): void => console.log(line);
  const why = values.url === undefined ? await rehearse(path.resolve(CODE), { workspace, say, signal: new AbortController().signal }) : await illnessOf(values.url, workspace);
  if (why !== null) console.error(wording.notWell(why));
  else say(wording.well);
  return why === null ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
