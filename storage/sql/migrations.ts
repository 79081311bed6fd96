/** The schema of the SQL store, as steps that were applied once each, in order. Valid for PostgreSQL 15 and later. */
export interface Migration {
  readonly version: number;
  /** Statements that end with their lines. What is released is never edited: databases keep a checksum of it. */
  readonly sql: string;
}

/** The statements of a step; within one, as in the body of a function, no line ends with a semicolon. */
export const statementsOf = ({ sql }: Migration): readonly string[] => sql.split(/;\s*\n/).map((statement) => statement.trim()).filter((statement) => statement !== '');

/** Tables whose rows every publication writes again. Of the others, the history by time, nobody can tell what should be there. */
export const REFILLED = ['app', 'dataset', 'review', 'prediction', 'model', 'report'];

/** Set within the transactions of this program: they see to the receipts themselves. */
export const OWN_CHANGE = "select set_config('ulasan.publishing', 'on', true)";

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    sql: `
      create table dataset (dataset text primary key, app text not null, source text not null);
      create table review (
        dataset text not null references dataset on delete cascade, id text not null, at timestamptz not null, rating smallint not null, label text not null,
        label_source text not null, language text not null, app_version text, raw text not null, tokens text not null,
        primary key (dataset, id)
      );
      create index review_by_time on review (dataset, at);
      create table prediction (
        dataset text not null, id text not null, model_version text not null, label text not null,
        negative double precision not null, neutral double precision not null, positive double precision not null,
        primary key (dataset, id), foreign key (dataset, id) references review (dataset, id) on delete cascade
      );
      create table model (dataset text not null, version text not null, estimator text not null, manifest jsonb not null, primary key (dataset, version));
      create table report (dataset text not null, name text not null, content jsonb not null, primary key (dataset, name));
      create view review_sentiment as
        select r.dataset, d.app, r.id, r.at, r.rating, r.label, p.label as predicted, p.model_version, r.language
        from review r join dataset d using (dataset) left join prediction p using (dataset, id);
    `,
  },
  {
    version: 2,
    sql: `
      create table app (app text primary key);
      insert into app select distinct app from dataset;
      create table receipt (dataset text primary key, rows bigint not null, checksum text not null);
      create table run (
        dataset text not null references dataset on delete cascade, at timestamptz not null, reviews bigint not null, model_version text not null, passed boolean,
        newest timestamptz, primary key (dataset, at)
      );
      create table metric (
        dataset text not null references dataset on delete cascade, at timestamptz not null, estimator text not null, name text not null, value double precision not null,
        primary key (dataset, at, estimator, name)
      );
      create table drift (
        dataset text not null references dataset on delete cascade, at timestamptz not null, feature text not null, effect_name text not null,
        effect double precision not null, effect_limit double precision not null, drifted boolean not null, primary key (dataset, at, feature, effect_name)
      );
      create table quality_check (
        dataset text not null references dataset on delete cascade, at timestamptz not null, rule text not null, severity text not null, passed boolean not null,
        rows bigint not null, share double precision not null, share_limit double precision not null, primary key (dataset, at, rule)
      );
      create view label as select dataset, id, label, label_source as source from review;
      create view sentiment_per_day as
        select r.dataset, (r.at at time zone 'UTC')::date as day, coalesce(p.label, r.label) as label, count(*)::integer as reviews
        from review r left join prediction p using (dataset, id) group by 1, 2, 3;
      create view rating_per_day as
        select dataset, (at at time zone 'UTC')::date as day, avg(rating)::double precision as rating, count(*)::integer as reviews from review group by 1, 2;
      create view model_metric as
        select m.dataset, m.at, m.estimator, m.name, m.value from metric m
        where m.at = (select max(n.at) from metric n where n.dataset = m.dataset);
      create view newest_drift as
        select d.* from drift d where d.at = (select max(e.at) from drift e where e.dataset = d.dataset);
      create view quality_now as
        select q.* from quality_check q where q.at = (select max(c.at) from quality_check c where c.dataset = q.dataset);
    `,
  },
  {
    // Whoever else changes what was published takes the receipts away, by however few rows: to count a million takes half a second.
    version: 3,
    sql: `
      create or replace function forget_receipts() returns trigger language plpgsql security definer set search_path from current as $$ begin delete from receipt; return null; end $$;
      ${REFILLED.map((table) => `create or replace trigger ${table}_changed after insert or update or delete or truncate on ${table} for each statement
        when (current_setting('ulasan.publishing', true) is distinct from 'on') execute function forget_receipts();`).join('\n      ')}
    `,
  },
];
