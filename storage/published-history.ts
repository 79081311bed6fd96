import type { Publication } from './publication.ts';
import type { Transaction } from './sql-store.ts';

/** PostgreSQL takes neither NUL nor lone surrogates; everything else is stored as it is. On values, as JSON has escapes of its own. */
const storable = (_key: string, value: unknown): unknown => (typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value);

/** What the small reports say, as rows by time: each statement takes apart the JSON that it is given, and nothing where it has another form. */
const METRICS = `
  insert into metric (dataset, at, estimator, name, value)
  select $1, $2::timestamptz, e->>'estimator', m.name, m.value
  from jsonb_array_elements(case jsonb_typeof($3::jsonb->'estimators') when 'array' then $3::jsonb->'estimators' else '[]'::jsonb end) e
  cross join lateral (values
    ('cv_macro_f1', (e->'crossValidation'->>'mean')::double precision), ('test_macro_f1', (e->'test'->'macro'->>'f1')::double precision),
    ('test_accuracy', (e->'test'->>'accuracy')::double precision), ('test_precision', (e->'test'->'macro'->>'precision')::double precision),
    ('test_recall', (e->'test'->'macro'->>'recall')::double precision)
  ) as m(name, value) where m.value is not null
  on conflict do nothing`;

const DRIFT = `
  insert into drift (dataset, at, feature, effect_name, effect, effect_limit, drifted)
  select $1, $2::timestamptz, f->>'feature', f->>'effectName', (f->>'effect')::double precision, (f->>'limit')::double precision, (f->>'drifted')::boolean
  from jsonb_array_elements(case jsonb_typeof($3::jsonb->'features') when 'array' then $3::jsonb->'features' else '[]'::jsonb end) f
  on conflict do nothing`;

const QUALITY = `
  insert into quality_check (dataset, at, rule, severity, passed, rows, share, share_limit)
  select $1, $2::timestamptz, c->>'rule', c->>'severity', (c->>'passed')::boolean, (c->>'rows')::bigint, (c->>'share')::double precision, (c->>'limit')::double precision
  from jsonb_array_elements(case jsonb_typeof($3::jsonb->'checks') when 'array' then $3::jsonb->'checks' else '[]'::jsonb end) c
  on conflict do nothing`;

const RUN = `
  insert into run (dataset, at, reviews, model_version, passed, newest)
  values ($1, $2::timestamptz, $3::bigint, $4, ($5::jsonb->>'passed')::boolean, ($5::jsonb->>'newest')::timestamptz)
  on conflict (dataset, at) do update set reviews = excluded.reviews, model_version = excluded.model_version, passed = excluded.passed, newest = excluded.newest`;

/** The reports as they are, for notebooks, and by time, for dashboards. */
export async function publishHistory(tx: Transaction, { dataset, at, reviews, manifest, reports }: Publication): Promise<void> {
  const text = (name: string): string => JSON.stringify(reports[name] ?? {}, storable);
  for (const name of Object.keys(reports)) {
    await tx.query('insert into report (dataset, name, content) values ($1, $2, $3::jsonb) on conflict (dataset, name) do update set content = excluded.content', [dataset, name, text(name)]);
  }
  await tx.query(METRICS, [dataset, at, text('metrics')]);
  await tx.query(DRIFT, [dataset, at, text('drift')]);
  await tx.query(QUALITY, [dataset, at, text('quality')]);
  await tx.query(RUN, [dataset, at, reviews.length, manifest.version, text('quality')]);
}
