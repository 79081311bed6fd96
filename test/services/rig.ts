import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { fitMultinomialNb } from '../../ml/estimators/multinomial-nb.ts';
import { exportModel } from '../../ml/model.ts';
import { normalize } from '../../ml/text/normalize.ts';
import { tokenize } from '../../ml/text/tokenize.ts';
import { fitAll } from '../../ml/train.ts';
import { modelScript } from '../../registry/exchange.ts';
import { putInPlace } from '../../registry/place.ts';
import { stagePublication } from '../../registry/publish.ts';
import { promote, register } from '../../registry/registry.ts';
import { storeVersion } from '../../registry/versions.ts';
import type { ModelVersion } from '../../registry/versions.ts';
import { LABELS } from '../../schema/app.ts';
import type { ServedReview } from '../../schema/served-review.ts';
import { startServer } from '../../services/server.ts';
import type { RunningServer, ServerOptions } from '../../services/server.ts';
import { SERVED_FILE, writeServedReviews } from '../../storage/served-reviews.ts';

export const APP = 'com.example.app';
export const DATASET = `sample:${APP}`;
export const quiet = pino({ level: 'silent' });

const TEXT = { stopwords: 'none', stem: 'none', slang: true, punctuation: true } as const;
const FEATURES = { words: [1, 2] as [number, number], characters: null, minDocuments: 1, featuresMax: null, sublinear: true };
const ROWS: readonly (readonly [string, number])[] = [
  ['aplikasi jelek gagal terus', 0], ['verifikasi gagal', 0], ['lumayan saja', 1], ['biasa saja', 1], ['bagus sekali mantap', 2], ['cepat dan bagus', 2],
];

/** A real, tiny model. Each seed has another prior strength, so that its probabilities name it. */
export function modelOf(seed: number): ModelVersion {
  const documents = ROWS.map(([raw]) => {
    const text = normalize(raw);
    return { text, tokens: tokenize(text, TEXT) };
  });
  const { model, blocks } = fitAll({ documents, target: Uint8Array.from(ROWS, ([, label]) => label), classes: 3, features: FEATURES, fit: (set) => fitMultinomialNb(set, { alpha: seed / 10, prior: 'uniform' }) });
  const bytes = `${JSON.stringify(exportModel({ estimator: 'multinomial-nb', labels: LABELS, text: TEXT, features: FEATURES, blocks, model }))}\n`;
  const hash = createHash('sha256').update(bytes).digest('hex');
  return {
    model: bytes,
    manifest: {
      app: APP, dataset: DATASET, version: hash.slice(0, 12), model: hash, estimator: 'multinomial-nb', trainedRows: 6, features: 20, crossValidated: { mean: 0.7, deviation: 0.01 }, testMacroF1: 0.7,
      reference: { until: '2026-01-01T00:00:00Z', rows: 6, ratings: {}, labels: {}, languages: {}, lengths: [], unknownShare: 0, macroF1: 0.7, interval: [0.6, 0.8] },
    },
  };
}

export function served(id: string, changes: Partial<ServedReview> = {}): ServedReview {
  return { app: APP, id, at: '2026-01-01T00:00:00Z', rating: 5, label: 'positive', negative: 0.1, neutral: 0.1, positive: 0.8, model: 'm', starsLabel: 'positive', language: 'id', version: null, text: 'bagus', ...changes };
}

/** A workspace with models, a registry and releases, as the pipeline leaves them. */
export class Deployment {
  readonly workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-services-'));
  readonly models = path.join(this.workspace, 'models');
  /** Whose releases are published from here on. */
  app = APP;
  #servers: RunningServer[] = [];

  at(...parts: readonly string[]): string {
    return path.join(this.workspace, ...parts);
  }

  write(file: string, text: string): void {
    mkdirSync(path.dirname(this.at(file)), { recursive: true });
    writeFileSync(this.at(file), text);
  }

  /** Registers a version and makes it champion; its id. */
  champion(seed: number, reason = 'because'): string {
    const version = modelOf(seed);
    storeVersion(this.models, version);
    const change = { models: this.models, dataset: DATASET, version: version.manifest.version, actor: 'pipeline', at: '2026-07-01T07:00:00.000Z', reason };
    register(change);
    promote(change);
    return version.manifest.version;
  }

  /** Publishes a release of a model and some reviews. */
  release(id: string, seed: number | null, reviews: readonly ServedReview[] = [served('r1')]): void {
    const version = seed === null ? null : modelOf(seed);
    const name = version?.manifest.version ?? '';
    for (const page of ['index.html', 'en/index.html']) this.write(`site/dist/${page}`, `<!doctype html><title>${id}</title><link href="assets/report.css?r=${id}">${'text '.repeat(400)}`);
    this.write('site/dist/assets/report.css', `/* ${id} */`);
    this.write('site/dist/assets/live.js', '// static');
    this.write('site/dist/assets/live-served.js', '// served');
    if (version !== null) {
      this.write('site/dist/assets/model.js', modelScript(version.model, name));
      this.write('data/champion/model.json', version.model);
      this.write('data/champion/champion.json', JSON.stringify({ app: APP, dataset: DATASET, version: name, manifest: version.manifest }));
    }
    const staged = stagePublication({
      workspace: this.workspace, siteDir: this.at('site/dist'), modelDir: version === null ? null : this.at('data/champion'), id, run: id, dataset: `sample:${this.app}`, app: this.app, champion: version === null ? null : name,
      add: (folder) => void writeServedReviews(path.join(folder, 'data', SERVED_FILE), reviews),
    });
    if (!staged.ok) throw new Error(`Cannot publish ${id}: ${staged.failure.kind}`);
    putInPlace(this.at('releases'), staged.value);
  }

  /** A server in this process; its address. */
  async serve(options: Partial<ServerOptions> = {}): Promise<string> {
    return `http://127.0.0.1:${(await this.start(options)).port}`;
  }

  /** The same, to be stopped by hand. */
  async start(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
    const running = await startServer({ workspace: this.workspace, host: '127.0.0.1', port: 0, rate: 0, log: quiet, ...options });
    this.#servers.push(running);
    return running;
  }

  /** Leads the pointer elsewhere in one step. */
  point(id: string): void {
    symlinkSync(id, this.at('releases/.next'));
    renameSync(this.at('releases/.next'), this.at('releases/current'));
  }

  async remove(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
    rmSync(this.workspace, { recursive: true, force: true });
  }
}

export async function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

/** Asks again and again, without a fixed wait, until something holds. */
export async function until<T>(ask: () => T | undefined | Promise<T | undefined>, what: string, timeoutMs = 30_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
