import { createHash } from 'node:crypto';
import type { CleanReview } from '../schema/clean-review.ts';
import type { Prediction } from '../schema/prediction.ts';
import type { ModelManifest } from '../schema/registry.ts';
import type { SqlStore, Transaction } from './sql-store.ts';

/** Everything that is published of one dataset. */
export interface Publication {
  readonly dataset: string;
  readonly app: string;
  readonly source: string;
  readonly reviews: readonly CleanReview[];
  readonly predictions: readonly Prediction[];
  readonly manifest: ModelManifest;
  /** Small reports by name: metrics, quality, drift. */
  readonly reports: Readonly<Record<string, unknown>>;
}

const BATCH = 2000;

/** PostgreSQL takes neither NUL nor lone surrogates; everything else is stored as it is. On values, as JSON has escapes of its own. */
const storable = (_key: string, value: unknown): unknown => (typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value);

async function inBatches<T>(rows: readonly T[], send: (part: string) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH) await send(JSON.stringify(rows.slice(start, start + BATCH), storable));
}

const REVIEWS = `
  insert into review (dataset, id, at, rating, label, label_source, language, app_version, raw, tokens)
  select $1, r.id, r.at, r.rating, r.label, r."labelSource", r.language, r.version, r.raw, r.tokens
  from jsonb_to_recordset($2::jsonb) as r(id text, at timestamptz, rating smallint, label text, "labelSource" text, language text, version text, raw text, tokens text)
  on conflict (dataset, id) do update set at = excluded.at, rating = excluded.rating, label = excluded.label, label_source = excluded.label_source,
    language = excluded.language, app_version = excluded.app_version, raw = excluded.raw, tokens = excluded.tokens
`;

const PREDICTIONS = `
  insert into prediction (dataset, id, model_version, label, negative, neutral, positive)
  select $1, p.id, p.version, p.label, p.negative, p.neutral, p.positive
  from jsonb_to_recordset($2::jsonb) as p(id text, version text, label text, negative double precision, neutral double precision, positive double precision)
  on conflict (dataset, id) do update set model_version = excluded.model_version, label = excluded.label,
    negative = excluded.negative, neutral = excluded.neutral, positive = excluded.positive
`;

async function upsert(tx: Transaction, publication: Publication): Promise<void> {
  const { dataset, app, source, reviews, predictions, manifest, reports } = publication;
  await tx.query('insert into dataset (dataset, app, source) values ($1, $2, $3) on conflict (dataset) do nothing', [dataset, app, source]);
  // A review that is no longer in the dataset goes, and its prediction with it.
  await tx.query('delete from review where dataset = $1 and id not in (select jsonb_array_elements_text($2::jsonb))', [dataset, JSON.stringify(reviews.map(({ id }) => id))]);
  await inBatches(reviews, (part) => tx.query(REVIEWS, [dataset, part]));
  await inBatches(predictions, (part) => tx.query(PREDICTIONS, [dataset, part]));
  await tx.query(
    'insert into model (dataset, version, estimator, manifest) values ($1, $2, $3, $4::jsonb) on conflict (dataset, version) do update set manifest = excluded.manifest',
    [dataset, manifest.version, manifest.estimator, JSON.stringify(manifest)],
  );
  for (const [name, content] of Object.entries(reports)) {
    await tx.query('insert into report (dataset, name, content) values ($1, $2, $3::jsonb) on conflict (dataset, name) do update set content = excluded.content', [dataset, name, JSON.stringify(content)]);
  }
}

/** Upserts a dataset, and says what is there now. Publishing the same twice changes nothing. */
export async function publish(store: SqlStore, publication: Publication): Promise<{ readonly rows: number; readonly checksum: string }> {
  return store.transaction(async (tx) => {
    await upsert(tx, publication);
    const rows = await tx.query(
      'select r.id::text as id, r.label::text as label, p.label::text as predicted, p.model_version::text as version from review r left join prediction p using (dataset, id) where r.dataset = $1 order by r.id collate "C"',
      [publication.dataset],
    );
    const checksum = createHash('sha256');
    for (const row of rows) checksum.update(`${[row.id, row.label, row.predicted, row.version].map(String).join('\0')}\n`);
    return { rows: rows.length, checksum: checksum.digest('hex') };
  });
}
