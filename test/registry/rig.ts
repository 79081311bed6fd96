import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Change } from '../../registry/registry.ts';
import { storeVersion } from '../../registry/versions.ts';
import type { ModelVersion } from '../../registry/versions.ts';

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

/** A workspace with a folder of models. */
export class Models {
  readonly workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-registry-'));
  readonly folder = path.join(this.workspace, 'models');

  change(model: string, changes: Partial<Change> = {}): Change {
    return { models: this.folder, dataset: DATASET, version: version(model).manifest.version, actor: 'promote', at: '2026-07-01T07:00:00.123Z', reason: 'because', ...changes };
  }

  /** Stores a version and gives its id. */
  store(model: string): string {
    const made = version(model);
    storeVersion(this.folder, made);
    return made.manifest.version;
  }

  remove(): void {
    rmSync(this.workspace, { recursive: true, force: true });
  }
}
