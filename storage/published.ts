import { createHash } from 'node:crypto';
import type { CleanReview } from '../schema/clean-review.ts';
import type { Prediction } from '../schema/prediction.ts';
import type { Publication, Published } from './publication.ts';
import { publishHistory } from './published-history.ts';
import { OWN_CHANGE, REFILLED } from './sql/migrations.ts';
import type { SqlStore, Transaction } from './sql-store.ts';

const REVIEW_COLUMNS = ['id', 'at', 'rating', 'label', 'label_source', 'language', 'app_version', 'raw', 'tokens'];
const PREDICTION_COLUMNS = ['id', 'model_version', 'label', 'negative', 'neutral', 'positive'];

/** What comes in by COPY lies here first, as COPY itself cannot update. */
const INCOMING = `
  create temporary table incoming_review (
    id text not null, at timestamptz not null, rating smallint not null, label text not null, label_source text not null, language text not null, app_version text, raw text not null, tokens text not null
  ) on commit drop;
  create temporary table incoming_prediction (
    id text not null, model_version text not null, label text not null, negative double precision not null, neutral double precision not null, positive double precision not null
  ) on commit drop
`;

/** Inserts and updates, but writes no row again that is as it was: a table keeps every version of a row until it is vacuumed. */
function merge(table: string, incoming: string, columns: readonly string[]): string {
  const rest = columns.filter((column) => column !== 'id');
  return `
    insert into ${table} (dataset, ${columns.join(', ')}) select $1, ${columns.join(', ')} from ${incoming}
    on conflict (dataset, id) do update set ${rest.map((column) => `${column} = excluded.${column}`).join(', ')}
    where (${rest.map((column) => `${table}.${column}`).join(', ')}) is distinct from (${rest.map((column) => `excluded.${column}`).join(', ')})`;
}

const gone = (table: string, incoming: string): string => `delete from ${table} t where t.dataset = $1 and not exists (select 1 from ${incoming} i where i.id = t.id)`;

function* reviewRows(reviews: readonly CleanReview[]): Generator<readonly unknown[]> {
  for (const { id, at, rating, label, labelSource, language, version, raw, tokens } of reviews) yield [id, at, rating, label, labelSource, language, version, raw, tokens];
}

function* predictionRows(predictions: readonly Prediction[]): Generator<readonly unknown[]> {
  for (const { id, version, label, negative, neutral, positive } of predictions) yield [id, version, label, negative, neutral, positive];
}

async function upsert(tx: Transaction, publication: Publication): Promise<void> {
  const { dataset, app, source, reviews, predictions, manifest } = publication;
  await tx.query('insert into app (app) values ($1) on conflict (app) do nothing', [app]);
  await tx.query('insert into dataset (dataset, app, source) values ($1, $2, $3) on conflict (dataset) do nothing', [dataset, app, source]);
  for (const statement of INCOMING.split(';')) await tx.query(statement);
  await tx.copy('incoming_review', REVIEW_COLUMNS, reviewRows(reviews));
  await tx.copy('incoming_prediction', PREDICTION_COLUMNS, predictionRows(predictions));
  for (const table of ['incoming_review', 'incoming_prediction']) await tx.query(`analyze ${table}`);
  // A review that is no longer in the dataset goes, and its prediction with it.
  await tx.query(gone('prediction', 'incoming_prediction'), [dataset]);
  await tx.query(gone('review', 'incoming_review'), [dataset]);
  await tx.query(merge('review', 'incoming_review', REVIEW_COLUMNS), [dataset]);
  await tx.query(merge('prediction', 'incoming_prediction', PREDICTION_COLUMNS), [dataset]);
  await tx.query(
    `insert into model (dataset, version, estimator, manifest) values ($1, $2, $3, $4::jsonb) on conflict (dataset, version) do update set manifest = excluded.manifest
     where model.manifest is distinct from excluded.manifest`,
    [dataset, manifest.version, manifest.estimator, JSON.stringify(manifest)],
  );
}

/** Number and checksum of what is there, kept beside it: an emptied database has lost it as well. */
async function receiptOf(tx: Transaction, dataset: string): Promise<Published> {
  const rows = await tx.query(
    'select r.id::text as id, r.label::text as label, p.label::text as predicted, p.model_version::text as version from review r left join prediction p using (dataset, id) where r.dataset = $1 order by r.id collate "C"',
    [dataset],
  );
  const checksum = createHash('sha256');
  for (const row of rows) checksum.update(`${[row.id, row.label, row.predicted, row.version].map(String).join('\0')}\n`);
  const receipt = { rows: rows.length, checksum: checksum.digest('hex') };
  await tx.query('insert into receipt (dataset, rows, checksum) values ($1, $2, $3) on conflict (dataset) do update set rows = excluded.rows, checksum = excluded.checksum', [dataset, receipt.rows, receipt.checksum]);
  return receipt;
}

/** Upserts a dataset, all of it or nothing, and says what is there now. Publishing the same twice changes nothing; two at once wait for each other. */
export async function publish(store: SqlStore, publication: Publication): Promise<Published> {
  return store.transaction(async (tx) => {
    await tx.query(OWN_CHANGE);
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [publication.dataset]);
    // Whoever writes by hand meanwhile ends first, or begins after: the receipt is of what is there when it can be seen.
    await tx.query(`lock table ${REFILLED.join(', ')} in share row exclusive mode`);
    await upsert(tx, publication);
    await publishHistory(tx, publication);
    return receiptOf(tx, publication.dataset);
  });
}

/** Takes reviews out, with what was predicted of them. The receipt goes too, so that the next run looks again. Number of reviews. */
export async function eraseFromSql(store: SqlStore, dataset: string, ids: readonly string[]): Promise<number> {
  return store.transaction(async (tx) => {
    await tx.query(OWN_CHANGE);
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [dataset]);
    const erased = await tx.query('delete from review where dataset = $1 and id in (select jsonb_array_elements_text($2::jsonb)) returning id', [dataset, JSON.stringify(ids)]);
    await tx.query('delete from receipt where dataset = $1', [dataset]);
    return erased.length;
  });
}

/** Takes reviews of any dataset out that are older than an instant. The datasets that had some, whose receipts go too. */
export async function dropFromSql(store: SqlStore, before: string): Promise<readonly string[]> {
  return store.transaction(async (tx) => {
    await tx.query(OWN_CHANGE);
    const dropped = await tx.query('with old as (delete from review where at < $1::timestamptz returning dataset) select distinct dataset from old order by 1', [before]);
    const datasets = dropped.map(({ dataset }) => String(dataset));
    await tx.query('delete from receipt where dataset in (select jsonb_array_elements_text($1::jsonb))', [JSON.stringify(datasets)]);
    return datasets;
  });
}
