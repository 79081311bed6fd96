import { existsSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A running server whose processes run the code that a link leads to. */
export interface Running {
  /** The link. */
  readonly current: string;
  /** As http://127.0.0.1:8501. */
  readonly url: string;
  readonly workspace: string;
}

const ASK_MS = 3000;
const ROLL_MS = 60_000;
/** The new version has to be well for so long before it counts as deployed. */
const PROBATION_MS = 3000;

async function ask(url: string, body?: unknown): Promise<{ readonly ok: boolean; readonly text: string }> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(ASK_MS), headers: { Connection: 'close', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) }, ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    return { ok: response.ok, text: await response.text() };
  } catch (error) {
    return { ok: false, text: error instanceof Error ? error.message : String(error) };
  }
}

/** Why a server is not well, or null: it is ready, shows the report, and predicts. */
export async function illness(url: string): Promise<string | null> {
  const answers = [['/readyz', await ask(`${url}/readyz`)], ['/', await ask(`${url}/`)], ['/api/predict', await ask(`${url}/api/predict`, { text: 'bagus' })]] as const;
  const bad = answers.find(([, { ok }]) => !ok);
  return bad === undefined ? null : `${bad[0]}: ${bad[1].text.slice(0, 200)}`;
}

/** Leads the link elsewhere in one step. */
export function point(current: string, version: string): void {
  const next = `${current}.next`;
  rmSync(next, { force: true });
  symlinkSync(version, next);
  renameSync(next, current);
}

async function versionsSeen(url: string, times: number): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  for (let round = 0; round < times; round++) {
    const { ok, text } = await ask(`${url}/livez`);
    seen.add(ok ? String((JSON.parse(text) as { readonly version?: unknown }).version) : 'none');
  }
  return seen;
}

/** Tells the parent process to replace its workers, and waits until all answers come from the version; false where they never do. */
async function restart({ url, workspace }: Running, version: string): Promise<boolean> {
  const pid = Number(readFileSync(path.join(workspace, '.repro/server.pid'), 'utf8'));
  process.kill(pid, 'SIGHUP');
  const end = Date.now() + ROLL_MS;
  while (Date.now() < end) {
    const seen = await versionsSeen(url, 8);
    if (seen.size === 1 && seen.has(path.basename(version))) return true;
    await sleep(200);
  }
  return false;
}

export type Rolled = { readonly kind: 'deployed' } | { readonly kind: 'rolled-back'; readonly why: string } | { readonly kind: 'not-started'; readonly why: string };

/**
 * Rolls a version of the code over the one that runs, process by process, and looks whether it is well; where it is not, the
 * version before comes back the same way. `rehearse` starts the new version beside the old one first: what cannot even start
 * never touches what runs.
 */
export async function roll(running: Running, version: string, { rehearse, say }: { readonly rehearse: () => Promise<string | null>; readonly say: (line: string) => void }): Promise<Rolled> {
  if (!existsSync(path.join(version, 'services/serve.js'))) return { kind: 'not-started', why: `${version} holds no services/serve.js` };
  const sick = await rehearse();
  if (sick !== null) return { kind: 'not-started', why: sick };
  const before = realpathSync(running.current);
  say(`rolling ${path.basename(before)} -> ${path.basename(version)}`);
  point(running.current, version);
  const isUp = await restart(running, version);
  let why = isUp ? null : 'its processes did not all become ready';
  for (const end = Date.now() + PROBATION_MS; why === null && Date.now() < end; await sleep(200)) why = await illness(running.url);
  if (why === null) return { kind: 'deployed' };
  say(`not well (${why}): going back to ${path.basename(before)}`);
  point(running.current, before);
  const isBack = await restart(running, before);
  return { kind: 'rolled-back', why: isBack ? why : `${why}; and the version before did not come back by itself: look at the log of the server` };
}
