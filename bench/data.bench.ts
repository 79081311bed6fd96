import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { generateSample } from '../ml/sample/generate.ts';
import { toCsv } from '../records/csv.ts';
import { parseCsv } from '../records/parse-csv.ts';
import { interleave, median, timeWithMemory } from './measure.ts';
import type { Row } from './row.ts';
import { node, repro, root, withFolder } from './workspace.ts';

const REVIEWS = 100_000;
const APP = 'com.valar.pintu';
const STAGES = ['collect', 'validate', 'clean'];
const PYTHON = '/usr/bin/python3';

/** Reviews of real apps where they are at hand: text, rating, date (partly empty) and app. */
const REAL = path.resolve(root, '../shared/data/play-reviews-120k.csv.gz');

type Foreign = Readonly<Record<'review_id' | 'review_text' | 'rating' | 'review_date' | 'app_id', string>>;

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** A date for a row without one, the same in every run. */
function dateOf(index: number): string {
  return `${2022 + (index % 3)}-${twoDigits(1 + (index % 12))}-${twoDigits(1 + (index % 28))} ${twoDigits(index % 24)}:${twoDigits(index % 60)}:${twoDigits((index * 7) % 60)}`;
}

/** An id in no order, as those of a store are. */
const idOf = (index: number): string => `${(Math.imul(index, 2_654_435_761) >>> 0).toString(16).padStart(8, '0')}-${index}`;

function realReviews(): readonly Foreign[] {
  const rows: Foreign[] = [];
  parseCsv(gunzipSync(readFileSync(REAL)).toString('utf8'), ([text = null, rating = null, date = null], line) => {
    const index = rows.length;
    if (line > 1 && index < REVIEWS) rows.push({ review_id: idOf(index), review_text: text ?? '', rating: rating ?? '', review_date: date ?? dateOf(index), app_id: APP });
  });
  return rows;
}

function sampleReviews(): readonly Foreign[] {
  return generateSample({ seed: 7, app: APP, reviews: REVIEWS }).map(({ text, rating, at }, index) => ({ review_id: idOf(index), review_text: text, rating: String(rating ?? ''), review_date: at ?? dateOf(index), app_id: APP }));
}

interface StageRecord {
  readonly name: string;
  readonly state: string;
  readonly seconds: number;
}

/** Our stages in the newest run of a workspace; none before it has begun. */
function stagesOf(workspace: string): readonly StageRecord[] {
  const runs = path.join(workspace, '.repro/runs');
  const newest = existsSync(runs) ? readdirSync(runs).filter((name) => name.endsWith('.json')).sort().at(-1) : undefined;
  if (newest === undefined) return [];
  const { stages } = JSON.parse(readFileSync(path.join(runs, newest), 'utf8')) as { readonly stages: readonly StageRecord[] };
  return stages.filter(({ name }) => STAGES.includes(name));
}

const hasPeer = (): boolean => existsSync(PYTHON) && existsSync('/usr/lib/python3/dist-packages/pandas') && existsSync('/usr/lib/python3/dist-packages/nltk');

/**
 * 100,000 reviews from a CSV through collect, validate and clean by the command that people type: the runner, and a sealed process
 * for each stage with its store, its report and its files, the last two at once; against the same steps in one process of pandas and NLTK (bench/data/pandas_nltk.py).
 */
export async function data(rounds: number): Promise<readonly Row[]> {
  return withFolder(async (folder) => {
    const [source, workspace, peer] = ['reviews.csv', 'ours', 'peer'].map((name) => path.join(folder, name)) as [string, string, string];
    const rows = existsSync(REAL) ? realReviews() : sampleReviews();
    writeFileSync(source, toCsv(['review_id', 'review_text', 'rating', 'review_date', 'app_id'], rows));
    const empty = (made: string): void => {
      rmSync(made, { recursive: true, force: true });
      mkdirSync(made);
    };
    const fresh = (): void => {
      empty(workspace);
      writeFileSync(path.join(workspace, 'reviews.csv'), readFileSync(source));
    };
    const argv = [node, repro, '--workspace', workspace, '--set', 'collect.source=file', '--set', 'collect.path=reviews.csv', '--single', ...STAGES] as const;
    const command = { name: 'ours', argv, cwd: root, prepare: fresh };
    const { largestBytesMax } = await timeWithMemory(command, () => stagesOf(workspace).some(({ state }) => state === 'pending'));
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < Math.max(2, rounds >> 2); round++) {
      ours.push(interleave([command], 1)[0]?.median ?? Number.NaN);
      if (hasPeer()) theirs.push(interleave([{ name: 'peer', argv: [PYTHON, path.join(root, 'bench/data/pandas_nltk.py'), source, peer], cwd: folder, prepare: () => empty(peer) }], 1)[0]?.median ?? Number.NaN);
    }
    const [mine, other] = [ours, theirs].map((seconds) => median(seconds.toSorted((a, b) => a - b))) as [number, number];
    const against = theirs.length === 0 ? ({ peer: 'pandas and NLTK (not here)', theirs: null, ratio: null, bar: null } as const) : { peer: 'pandas and NLTK', theirs: other, ratio: mine / other, bar: 0.2 };
    return [
      { name: `collect, validate, clean: 100,000 reviews${existsSync(REAL) ? '' : ' of the sample'}`, ours: mine, unit: 's', ...against },
      { name: 'largest memory of one of their processes', ours: largestBytesMax / 1e6, unit: 'MB', peer: '', theirs: null, ratio: null, bar: 400 },
    ];
  });
}
