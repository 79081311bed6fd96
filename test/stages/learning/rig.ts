import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { createRandom } from '../../../ml/random.ts';
import { writeRows } from '../../../records/csv.ts';
import { CleanReview, SplitReview } from '../../../schema/clean-review.ts';
import type { EstimatorName } from '../../../schema/app.ts';
import type { Facts, StageContext, StageOutcome, StageRun } from '../../../stages/context.ts';
import { run as champion } from '../../../stages/champion.ts';
import { run as drift } from '../../../stages/drift.ts';
import { run as evaluate } from '../../../stages/evaluate.ts';
import { run as predict } from '../../../stages/predict.ts';
import { run as promote } from '../../../stages/promote.ts';
import { run as select } from '../../../stages/select.ts';
import { run as train } from '../../../stages/train.ts';

const STAGES = { train, select, evaluate, promote, champion, predict, drift };
export type StageName = keyof typeof STAGES;

const root = path.resolve(import.meta.dirname, '../../..');
const pipeline = readFileSync(path.join(root, 'pipeline.yaml'), 'utf8');

type Item = string | Record<string, { opens?: string[]; targets?: string[] }>;
interface Declared {
  readonly deps?: Item[];
  readonly outs?: Item[];
  readonly metrics?: Item[];
  readonly state?: Item[];
  readonly effects?: { readonly targets?: string[] };
}

/** Everything that pipeline.yaml lets a stage touch: the same walls as the runner's. */
function declaredPaths(stage: StageName, estimator: string): readonly string[] {
  const text = pipeline.replaceAll('${item.estimator}', estimator);
  const { deps = [], outs = [], metrics = [], state = [], effects } = (parse(text) as { stages: Record<string, Declared> }).stages[stage] ?? {};
  const items = [...deps, ...outs, ...metrics, ...state].flatMap((item) =>
    typeof item === 'string' ? [item] : Object.entries(item).flatMap(([name, options]) => [name, ...(options.opens ?? [])]),
  );
  return [...items.map((item) => item.split('#')[0] ?? item), ...(effects?.targets ?? [])];
}

export interface Emitted {
  readonly kind: string;
  readonly facts: Facts;
}

/** A workspace in which the learning stages run one by one, in this process, behind what pipeline.yaml declares for them. */
export class Workspace {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'ulasan-learning-'));
  readonly events: Emitted[] = [];
  readonly logs: string[] = [];
  params: Record<string, Record<string, unknown>> = parse(readFileSync(path.join(root, 'params.yaml'), 'utf8')) as Record<string, Record<string, unknown>>;

  constructor() {
    this.params.train = { ...this.params.train, folds: 3, 'random-forest': { ...(this.params.train?.['random-forest'] as object), trees: 8 } };
  }

  set(section: string, changes: Readonly<Record<string, unknown>>): void {
    this.params = { ...this.params, [section]: { ...this.params[section], ...changes } };
  }

  run(stage: StageName, estimator: EstimatorName = 'logistic-regression'): Promise<StageOutcome> {
    const declared = declaredPaths(stage, estimator);
    const context: StageContext = {
      stage, params: this.params, item: { estimator }, env: {}, asOf: '2026-07-01T07:00:00.000Z', runRecord: null, outs: [], deps: [],
      path: (asked) => {
        if (!declared.some((known) => asked === known || asked.startsWith(`${known}/`))) throw new RangeError(`Cannot open ${asked} as stage "${stage}" does not declare it`);
        const file = path.join(this.folder, asked);
        mkdirSync(path.dirname(file), { recursive: true });
        return file;
      },
      log: (message) => this.logs.push(message),
      emit: (kind, facts) => this.events.push({ kind, facts }),
    };
    const body: StageRun = STAGES[stage];
    return body(context);
  }

  /** The stages from train to predict, in order; the first failure ends it. */
  async learn(): Promise<StageOutcome> {
    for (const estimator of ['multinomial-nb', 'logistic-regression', 'random-forest'] as const) {
      const outcome = await this.run('train', estimator);
      if (outcome.kind === 'failed') return outcome;
    }
    let last: StageOutcome = { kind: 'done' };
    for (const stage of ['select', 'evaluate', 'promote', 'champion', 'predict'] as const) {
      last = await this.run(stage);
      if (last.kind === 'failed') return last;
    }
    return last;
  }

  /** Writes rows as `clean` and `split` would: every fifth text is on the test side. */
  write(rows: readonly CleanReview[]): void {
    const texts = [...new Set(rows.map(({ text }) => text))];
    const onTest = new Set(texts.filter((_, index) => index % 5 === 0));
    const side = (test: boolean): readonly SplitReview[] =>
      rows.filter(({ text }) => onTest.has(text) === test).map(({ app, id, at, rating, label, language, text, tokens }) => ({ app, id, at, rating, label, language, text, tokens }));
    for (const folder of ['data/clean', 'data/split']) mkdirSync(path.join(this.folder, folder), { recursive: true });
    writeRows(path.join(this.folder, 'data/clean/reviews.csv'), CleanReview, rows);
    writeRows(path.join(this.folder, 'data/split/train.csv'), SplitReview, side(false));
    writeRows(path.join(this.folder, 'data/split/test.csv'), SplitReview, side(true));
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8');
  }

  json(file: string): unknown {
    return JSON.parse(this.read(file));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const WORDS = {
  positive: ['bagus', 'mantap', 'mudah', 'suka', 'great', 'love', 'membantu', 'keren'],
  neutral: ['lumayan', 'biasa', 'cukup', 'okay', 'mungkin', 'kadang', 'average', 'standar'],
  negative: ['jelek', 'gagal', 'lambat', 'error', 'kecewa', 'scam', 'susah', 'crash'],
} as const;
const COMMON = ['aplikasi', 'ini', 'yang', 'untuk', 'saldo', 'akun', 'sangat', 'tidak', 'update', 'fitur', 'the', 'app', 'transfer', 'login', 'trading'];

/** Reviews of words that lean to their label, with noise: neither trivial nor hopeless. One a six hours from `from` on. */
export function reviews(count: number, use: { seed?: number; from?: string; mix?: readonly (keyof typeof WORDS)[]; app?: string } = {}): readonly CleanReview[] {
  const { seed = 1, from = '2026-01-01T00:00:00Z', mix = ['positive', 'positive', 'neutral', 'negative'], app = 'com.valar.pintu' } = use;
  const random = createRandom(seed);
  const labels = ['positive', 'neutral', 'negative'] as const;
  return Array.from({ length: count }, (_, index): CleanReview => {
    const label = random.pick(mix);
    const words = Array.from({ length: 4 + random.integer(6) }, () => (random.next() < 0.35 ? random.pick(WORDS[random.next() < 0.85 ? label : random.pick(labels)]) : random.pick(COMMON)));
    const text = words.join(' ');
    const at = new Date(Date.parse(from) + index * 6 * 3_600_000).toISOString().replace('.000Z', 'Z');
    const rating = { positive: 5, neutral: 3, negative: 1 }[label];
    return { app, id: `${seed}-${index}`, at, rating, label, labelSource: 'stars', language: 'id', version: null, raw: text.toUpperCase(), text, tokens: text };
  });
}
