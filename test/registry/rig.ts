import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { modelScript } from '../../registry/exchange.ts';
import type { Attempt } from '../../registry/failure.ts';
import { publishRelease } from '../../registry/publish.ts';
import type { Publication, Published } from '../../registry/publish.ts';
import { promote, readDataset, register } from '../../registry/registry.ts';
import type { Change } from '../../registry/registry.ts';
import type { Wish } from '../../registry/serve-model.ts';
import { storeVersion } from '../../registry/versions.ts';
import type { ModelVersion } from '../../registry/versions.ts';
import type { DatasetRegistry } from '../../schema/registry.ts';
import { ReleaseManifest } from '../../schema/run-record.ts';

export const DATASET = 'sample:com.example.app';

/** A version whose model is this text. */
export function version(model: string): ModelVersion {
  const hash = createHash('sha256').update(model).digest('hex');
  return {
    model,
    manifest: {
      app: 'com.example.app', dataset: DATASET, version: hash.slice(0, 12), model: hash, estimator: 'multinomial-nb', trainedRows: 10, features: 3,
      crossValidated: { mean: 0.7, deviation: 0.01 }, testMacroF1: 0.7,
      reference: { until: '2026-01-01T00:00:00Z', rows: 10, ratings: {}, labels: {}, languages: {}, lengths: [], unknownShare: 0, macroF1: 0.7, interval: [0.6, 0.8] },
    },
  };
}

export const idOf = (model: string): string => version(model).manifest.version;

/** A workspace with a folder of models. */
export class Models {
  readonly workspace: string;
  readonly folder: string;

  /** A new workspace, or one that is there already. */
  constructor(workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-registry-'))) {
    this.workspace = workspace;
    this.folder = path.join(workspace, 'models');
  }

  at(...parts: readonly string[]): string {
    return path.join(this.workspace, ...parts);
  }

  put(file: string, content: string): void {
    mkdirSync(path.dirname(this.at(file)), { recursive: true });
    writeFileSync(this.at(file), content);
  }

  read(file: string): string {
    return readFileSync(this.at(file), 'utf8');
  }

  change(model: string, changes: Partial<Change> = {}): Change {
    return { models: this.folder, dataset: DATASET, version: idOf(model), actor: 'promote', at: '2026-07-01T07:00:00.123Z', reason: 'because', ...changes };
  }

  wish(model: string | null, changes: Partial<Wish> = {}): Wish {
    return { workspace: this.workspace, dataset: DATASET, version: model === null ? null : idOf(model), actor: 'somebody', reason: 'because', now: new Date(), ...changes };
  }

  /** Stores a version and gives its id. */
  store(model: string): string {
    const made = version(model);
    storeVersion(this.folder, made);
    return made.manifest.version;
  }

  /** Stores a version, registers it and makes it champion, as a run does; gives its id. */
  champion(model: string): string {
    const id = this.store(model);
    register(this.change(model));
    promote(this.change(model));
    return id;
  }

  /** What a run publishes: pages that name their release, the page's copy of the model, the model, and some reviews. */
  publication(id: string, model: string | null, changes: Partial<Publication> = {}): Publication {
    this.put('site/dist/index.html', `<!doctype html><link href="assets/report.css?r=${id}"> the report of ${id}`);
    this.put('site/dist/en/index.html', `<script src="../assets/model.js?r=${id}"></script> english`);
    this.put('site/dist/assets/report.css', `/* ${id} */`);
    for (let page = 0; page < 8; page++) this.put(`site/dist/reviews/${page}.html`, `<link href="../assets/report.css?r=${id}"> page ${page}`);
    if (model !== null) {
      const { manifest } = version(model);
      this.put('site/dist/assets/model.js', modelScript(model, manifest.version));
      this.put('data/champion/model.json', model);
      this.put('data/champion/champion.json', JSON.stringify({ app: manifest.app, dataset: DATASET, version: manifest.version, manifest }));
    }
    return {
      workspace: this.workspace, siteDir: this.at('site/dist'), modelDir: model === null ? null : this.at('data/champion'), id, run: id, dataset: DATASET, app: 'com.example.app',
      champion: model === null ? null : idOf(model),
      add: (folder) => {
        mkdirSync(path.join(folder, 'data'));
        writeFileSync(path.join(folder, 'data/reviews.sqlite'), `reviews of ${id}`);
      },
      ...changes,
    };
  }

  publish(id: string, model: string | null, changes: Partial<Publication> = {}): Promise<Attempt<Published>> {
    return publishRelease(this.publication(id, model, changes));
  }

  known(): DatasetRegistry {
    const read = readDataset(this.folder, DATASET);
    if (!read.ok) throw new Error(`Cannot read the registry: ${read.failure.kind}`);
    return read.value;
  }

  /** The manifest that the pointer leads to. */
  served(): ReleaseManifest {
    return ReleaseManifest.parse(JSON.parse(this.read('releases/current/manifest.json')));
  }

  /** Names of the releases, with whatever is half made. */
  releases(): readonly string[] {
    return readdirSync(this.at('releases')).filter((name) => name !== '.staging.db').sort();
  }

  has(file: string): boolean {
    return existsSync(this.at(file));
  }

  remove(): void {
    rmSync(this.workspace, { recursive: true, force: true });
  }
}
