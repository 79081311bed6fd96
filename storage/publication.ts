import type { CleanReview } from '../schema/clean-review.ts';
import type { Prediction } from '../schema/prediction.ts';
import type { ModelManifest } from '../schema/registry.ts';

/** Everything that is published of one dataset. */
export interface Publication {
  readonly dataset: string;
  readonly app: string;
  readonly source: string;
  /** The instant of the run, ISO 8601 in UTC: what dashboards show metrics, drift and quality by. */
  readonly at: string;
  readonly reviews: readonly CleanReview[];
  readonly predictions: readonly Prediction[];
  readonly manifest: ModelManifest;
  /** Small reports by name: metrics, quality, drift. */
  readonly reports: Readonly<Record<string, unknown>>;
}

export interface Published {
  readonly rows: number;
  readonly checksum: string;
}
