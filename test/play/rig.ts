import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { readRows } from '../../records/read-csv.ts';
import { datasetOf } from '../../schema/app.ts';
import { CollectParams, PlayParams, PrivacyParams } from '../../schema/params.ts';
import { Review } from '../../schema/review.ts';
import { withBackup } from '../../stages/collect/backup.ts';
import { collectPlay } from '../../stages/collect/play.ts';
import type { Collecting } from '../../stages/collect/whole.ts';
import type { Facts, StageOutcome } from '../../stages/context.ts';
import { openDoor } from '../../stages/privacy/door.ts';
import { openRawStore } from '../../storage/open-raw-store.ts';
import type { RawPlace } from '../../storage/open-raw-store.ts';
import type { RawStore } from '../../storage/raw-store.ts';
import { memoryOf } from '../../stages/collect/play/memory.ts';
import type { Memory } from '../../stages/collect/play/memory.ts';
import { startPlayStore } from './store.ts';
import type { PlayStore } from './store.ts';

export const APP = 'com.valar.pintu';
const DATASET = `play:${APP}`;
const defaults = parse(readFileSync(path.resolve(import.meta.dirname, '../../params.yaml'), 'utf8')) as { readonly collect: object; readonly privacy: object };

export interface Collector {
  readonly store: PlayStore;
  readonly folder: string;
  readonly events: { readonly kind: string; readonly facts: Facts }[];
  readonly slept: number[];
  readonly log: string[];
  /** Older reviews are not kept. */
  since: string | null;
  /** Where the raw store is. */
  place: RawPlace;
  run(play?: Partial<PlayParams>, asOf?: string, app?: string): Promise<StageOutcome>;
  /** Runs, and gives the facts of a run that must be done. */
  facts(play?: Partial<PlayParams>, asOf?: string): Promise<Facts>;
  exported(): readonly Review[];
  bytes(): string;
  memory(): Promise<Memory>;
  withStore<T>(work: (raw: RawStore) => Promise<T>): Promise<T>;
  answers(): readonly string[];
  close(): Promise<void>;
}

export interface Once {
  readonly url: string;
  readonly folder: string;
  /** Of the raw store, where it is not the one in the folder. */
  readonly place?: RawPlace;
  /** The configured app, where it is another one. */
  readonly app?: string;
  readonly play: Partial<PlayParams>;
  readonly asOf: string;
  readonly since: string | null;
  readonly log: string[];
  readonly events: { readonly kind: string; readonly facts: Facts }[];
  readonly sleep: (ms: number) => Promise<unknown>;
}

const placeIn = (folder: string): RawPlace => ({ folder: path.join(folder, 'stores/raw'), uri: undefined });

/** One run of the collector with the embedded raw store of a folder, the real library, and a store at an address. */
export async function runOnce({ url, folder, place, app = APP, play, asOf, since, log, events, sleep }: Once): Promise<StageOutcome> {
  const at = (file: string): string => path.join(folder, file);
  mkdirSync(at('data/collect'), { recursive: true });
  const params = CollectParams.parse({ ...defaults.collect, source: 'play', app, play: { ...(defaults.collect as { readonly play: object }).play, languages: ['id'], timeoutMs: 1000, retries: 2, ...play } });
  const opened = openDoor(PrivacyParams.parse(defaults.privacy), undefined);
  assert.ok(opened.kind === 'door');
  const raw = await openRawStore(place ?? placeIn(folder));
  assert.ok(raw.ok);
  try {
    const collecting: Collecting = {
      params, door: opened.door, raw: raw.value, dataset: datasetOf('play', app), erased: false, since,
      context: {
        stage: 'collect', params: {}, item: null, env: {}, asOf, runRecord: null, outs: [], deps: [], path: at,
        log: (line) => void log.push(line), emit: (kind, facts) => void events.push({ kind, facts }),
      },
    };
    return await withBackup(collecting, () => collectPlay(collecting, { prefixUrl: url, sleep }));
  } finally {
    await raw.value.close();
  }
}

/** The collector with the embedded raw store, the real library, and a store of ours to talk to. Waiting takes no time, and is noted. */
export async function startCollector(): Promise<Collector> {
  const store = await startPlayStore();
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-play-'));
  const at = (file: string): string => path.join(folder, file);
  const events: { readonly kind: string; readonly facts: Facts }[] = [];
  const slept: number[] = [];
  const log: string[] = [];
  const rawFolder = at('stores/raw');
  const run = (play: Partial<PlayParams> = {}, asOf = '2026-07-01T07:00:00.000Z', app = APP): Promise<StageOutcome> =>
    runOnce({ url: store.url, folder, place: made.place, app, play, asOf, since: made.since, log, events, sleep: async (ms) => void slept.push(ms) });

  const made: Collector = {
    store, folder, events, slept, log, run, since: null, place: placeIn(folder),
    async facts(play, asOf) {
      const outcome = await run(play, asOf);
      assert.ok(outcome.kind === 'done', JSON.stringify(outcome));
      return outcome.facts ?? {};
    },
    exported() {
      const read = readRows(at('data/collect/reviews.csv'), Review);
      assert.ok(read.ok, JSON.stringify(read));
      return read.rows;
    },
    bytes: () => readFileSync(at('data/collect/reviews.csv'), 'utf8') + readFileSync(at('data/collect/history.jsonl'), 'utf8'),
    async withStore(work) {
      const raw = await openRawStore(made.place);
      assert.ok(raw.ok);
      try {
        return await work(raw.value);
      } finally {
        await raw.value.close();
      }
    },
    memory: () => made.withStore(async (raw) => memoryOf(await raw.readMemory(DATASET))),
    answers: () => (existsSync(path.join(rawFolder, 'answers')) ? readdirSync(path.join(rawFolder, 'answers')) : []),
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return made;
}
