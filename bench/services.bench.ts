import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { readColumns } from '../records/read-csv.ts';
import { CleanReview } from '../schema/clean-review.ts';
import { promote, readDataset, register } from '../registry/registry.ts';
import { rollBack } from '../registry/serve-model.ts';
import { readVersion, storeVersion } from '../registry/versions.ts';
import { median } from './measure.ts';
import type { Row } from './row.ts';
import { node, repro, root, withFolder } from './workspace.ts';

const PYTHON = '/usr/bin/python3';
const CONNECTIONS = 20;
const SECONDS = 2;
const START_MS = 120_000;
const BATCH = 1000;
const TEXT = 'Verifikasi gagal terus padahal data sudah benar, CS tidak membalas';
/** So many different texts are sent one by one, in turn. */
const TEXTS = 200;

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Milliseconds until an address answers well. */
async function untilAnswer(url: string): Promise<number> {
  const start = performance.now();
  while (performance.now() - start < START_MS) {
    const ok = await fetch(url).then((response) => response.arrayBuffer().then(() => response.ok), () => false);
    if (ok) return performance.now() - start;
    await sleep(2);
  }
  throw new Error(`Cannot measure ${url} as it does not answer`);
}

/** Of its memory, all, or what it shares with nobody: the program itself lies in memory once, however many run it. */
const memoryMb = (child: ChildProcess, which: 'VmRSS' | 'RssAnon'): number => Number(new RegExp(`^${which}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

interface Side {
  /** What people wrote, as the pipeline collected it. */
  readonly texts: readonly string[];
  readonly child: ChildProcess;
  readonly base: string;
  readonly one: string;
  readonly many: string;
}

type Call = 'one' | 'many' | 'page';

/** Requests a second, and the slowest of a hundred in milliseconds. */
async function press({ base, one, many, texts }: Side, call: Call): Promise<{ readonly perSecond: number; readonly p99: number }> {
  const bodies = call === 'one' ? texts.slice(0, TEXTS).map((text) => JSON.stringify({ text })) : [JSON.stringify({ texts: texts.slice(0, BATCH) })];
  const { requests, latency, non2xx, errors } = await autocannon({
    url: call === 'page' ? `${base}/index.html` : `${base}${call === 'one' ? one : many}`, connections: call === 'many' ? 2 : CONNECTIONS, duration: SECONDS,
    ...(call === 'page' ? {} : { method: 'POST' as const, headers: { 'content-type': 'application/json' }, requests: bodies.map((body) => ({ body })) }), timeout: 60,
  });
  if (non2xx > 0 || errors > 0) throw new Error(`Cannot measure ${call} of ${base}: ${non2xx} bad answers, ${errors} errors`);
  return { perSecond: Math.max(requests.average, 1 / 60), p99: latency.p99 };
}

function hasPeer(): boolean {
  return existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import fastapi, uvicorn, sklearn, pandas'], { stdio: 'ignore' }).status === 0;
}

/** Time from the order to roll back to the first answer by the other model, in milliseconds. */
async function swaps(workspace: string, base: string, times: number): Promise<readonly number[]> {
  const dataset = 'sample:com.valar.pintu';
  const models = path.join(workspace, 'models');
  const known = readDataset(models, dataset);
  const found = known.ok ? readVersion(models, known.value.aliases.champion ?? '') : null;
  if (found === null) throw new Error('Cannot measure a rollback as there is no champion');
  // Another version of the same size: the same model with a space behind it.
  const model = `${found.model} `;
  const hash = createHash('sha256').update(model).digest('hex');
  const change = { models, dataset, version: hash.slice(0, 12), actor: 'bench', at: new Date().toISOString(), reason: 'bench' };
  storeVersion(models, { model, manifest: { ...found.manifest, version: change.version, model: hash } });
  register(change);
  promote(change);
  const taken: number[] = [];
  for (let round = 0; round < times; round++) {
    const start = performance.now();
    const served = await rollBack({ workspace, dataset, version: null, actor: 'bench', reason: 'bench', now: new Date() });
    if (served.kind !== 'served') throw new Error(`Cannot measure a rollback: ${served.kind}`);
    for (let version = ''; version !== served.version; ) {
      const response = await fetch(`${base}/api/predict`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text: TEXT }) });
      version = ((await response.json()) as { model: string }).model;
    }
    taken.push(performance.now() - start);
  }
  return sorted(taken);
}

async function start(argv: readonly [string, ...string[]], base: string, calls: Pick<Side, 'one' | 'many' | 'texts'>): Promise<Side & { readonly startedMs: number }> {
  const [file, ...args] = argv;
  const child = spawn(file, args, { stdio: 'ignore' });
  const startedMs = await untilAnswer(`${base}/index.html`);
  return { child, base, startedMs, ...calls };
}

/** The server and the exporter against FastAPI, uvicorn and scikit-learn with the same endpoints (bench/services/fastapi_sklearn.py), in turn. */
export async function services(rounds: number): Promise<readonly Row[]> {
  return withFolder(async (folder) => {
    const made = spawnSync(node, [repro, '--workspace', folder], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`Cannot measure: ${made.stderr.slice(-500)}`);
    const read = readColumns(path.join(folder, 'data/clean/reviews.csv'), CleanReview.pick({ raw: true }));
    const texts = read.ok ? read.rows.columns.raw : [];
    const [port, otherPort, exporterPort] = [await freePort(), await freePort(), await freePort()];
    const serve = (): Promise<Side & { readonly startedMs: number }> => start([node, '--max-semi-space-size=4', path.join(root, 'services/serve.js'), '--workspace', folder, '--port', String(port), '--rate', '0'], `http://127.0.0.1:${port}`, { one: '/api/predict', many: '/api/predict', texts });
    const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => (child.once('exit', resolve), child.kill('SIGKILL')));
    const starts: number[] = [];
    for (let round = 0; round < 4; round++) {
      const { child, startedMs } = await serve();
      // The first one fills the compile cache, which the first start on a machine does too.
      if (round > 0) starts.push(startedMs);
      await ended(child);
    }
    const ours = await serve();
    const theirs = hasPeer() ? await start([PYTHON, path.join(root, 'bench/services/fastapi_sklearn.py'), String(otherPort), path.join(folder, 'data/clean/reviews.csv'), path.join(folder, 'site/dist')], `http://127.0.0.1:${otherPort}`, { one: '/predict', many: '/predict-many', texts }) : null;
    const exporter = spawn(node, [path.join(root, 'services/exporter.js'), '--workspace', folder, '--port', String(exporterPort)], { stdio: 'ignore' });
    try {
      await untilAnswer(`http://127.0.0.1:${exporterPort}/metrics`);
      const rows: Row[] = [];
      const peer = theirs === null ? 'FastAPI, scikit-learn (not here)' : 'FastAPI, scikit-learn';
      for (const [call, name, bar] of [['one', 'a prediction of one text', 0.1], ['many', 'a prediction of 1,000 texts', 0.1], ['page', 'a page of the report', 0.1]] as const) {
        const [mine, other]: [{ perSecond: number; p99: number }[], { perSecond: number; p99: number }[]] = [[], []];
        for (let round = 0; round < rounds; round++) {
          mine.push(await press(ours, call));
          if (theirs !== null) other.push(await press(theirs, call));
        }
        const ms = (seen: typeof mine): number => 1000 / median(sorted(seen.map(({ perSecond }) => perSecond)));
        const p99 = (seen: typeof mine): number => median(sorted(seen.map((one) => one.p99)));
        rows.push({ name: `${name}: time of a request`, ours: ms(mine), unit: 'ms', peer, theirs: theirs === null ? null : ms(other), ratio: theirs === null ? null : ms(mine) / ms(other), bar: theirs === null ? null : bar });
        rows.push({ name: `${name}: p99`, ours: p99(mine), unit: 'ms', peer, theirs: theirs === null ? null : p99(other), ratio: theirs === null ? null : p99(mine) / p99(other), bar: null });
      }
      for (const [name, which, bar] of [['memory after that', 'VmRSS', 1 / 3], ['of it, not shared', 'RssAnon', null]] as const) {
        const [mine, other] = [memoryMb(ours.child, which), theirs === null ? null : memoryMb(theirs.child, which)];
        rows.push({ name, ours: mine, unit: 'MB', peer, theirs: other, ratio: other === null ? null : mine / other, bar: other === null ? null : bar });
      }
      const scrapes: number[] = [];
      for (let round = 0; round < 50; round++) {
        const before = performance.now();
        await (await fetch(`http://127.0.0.1:${exporterPort}/metrics`)).text();
        scrapes.push(performance.now() - before);
      }
      const alone = (name: string, value: number, bar: number): Row => ({ name, ours: value, unit: 'ms', peer: '', theirs: null, ratio: null, bar });
      const taken = await swaps(folder, ours.base, 20);
      rows.push(alone('start to first answer', median(sorted(starts)), 400), alone('rollback ordered to first answer by that model: median', median(taken), 250), alone('the same: slowest of 20', taken.at(-1) ?? Number.NaN, 250), alone('a scrape of the exporter', median(sorted(scrapes)), 5));
      return rows;
    } finally {
      for (const child of [ours.child, theirs?.child, exporter]) child?.kill('SIGKILL');
    }
  });
}
