/** The schema of the SQL store, as steps that were applied once each, in order. Valid for PostgreSQL 15 and later. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

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
];
