import type { Transaction } from '../sql-store.ts';
import { MIGRATIONS, statementsOf } from './migrations.ts';
import type { Migration } from './migrations.ts';

interface Made {
  readonly kind: string;
  readonly name: string;
  readonly sql: string;
  /** Of a trigger. */
  readonly table: string | undefined;
}

const madeBy = (migration: Migration): readonly Made[] =>
  statementsOf(migration).flatMap((sql): readonly Made[] => {
    const [, kind, name] = /^create (?:or replace )?(table|index|view|function|trigger) (\w+)/.exec(sql) ?? [];
    return kind === undefined || name === undefined ? [] : [{ kind, name, sql, table: kind === 'trigger' ? / on (\w+) /.exec(sql)?.[1] : undefined }];
  });

/** Everything that the steps of the schema make, in order. */
const MADE: readonly Made[] = MIGRATIONS.flatMap(madeBy);

const namesOf = (made: readonly Made[], ...kinds: readonly string[]): string => made.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => `'${name}'`).join(', ');

/** The tables, indexes, views and triggers that are not there, or switched off: a look at the catalogue, whatever the tables hold. */
export const LOST = `
  select name from unnest(array[${namesOf(MADE, 'table', 'index', 'view')}]) name where to_regclass(name) is null
  union all select name from (values ${MADE.flatMap(({ name, table }) => (table === undefined ? [] : [`('${name}', '${table}')`])).join(', ')}) made (name, of)
    where not exists (select from pg_trigger where tgname = name and tgrelid = to_regclass(of) and tgenabled <> 'D')`;

/** Tables that keep rows of a dataset beside those that every publication fills. */
const HISTORY = ['run', 'metric', 'drift', 'quality_check'];

const reference = (table: string, columns: readonly string[], to: string): string => {
  const name = `${table}_${columns.join('_')}_fkey`;
  return `alter table ${table} drop constraint if exists ${name}, add constraint ${name} foreign key (${columns.join(', ')}) references ${to} on delete cascade`;
};

/** What has to be done besides for a table that others point to: they lost that with it, and what is left of them stays where it can. */
const AFTER: Readonly<Record<string, readonly string[]>> = {
  dataset: [
    `insert into dataset (dataset, app, source) select dataset, substr(dataset, strpos(dataset, ':') + 1), split_part(dataset, ':', 1)
     from (${['review', ...HISTORY].map((table) => `select dataset from ${table}`).join(' union ')}) known on conflict do nothing`,
    ...['review', ...HISTORY].map((table) => reference(table, ['dataset'], 'dataset')),
  ],
  app: ['insert into app select distinct app from dataset on conflict do nothing'],
  // A prediction without its review is worth nothing, and comes with it again.
  review: ['delete from prediction p where not exists (select from review r where r.dataset = p.dataset and r.id = p.id)', reference('prediction', ['dataset', 'id'], 'review (dataset, id)')],
};

/** Whether a step was applied though the list of steps is lost: all its tables are there. With only some, they may be of another program. */
export async function isApplied(tx: Transaction, migration: Migration): Promise<boolean> {
  const tables = namesOf(madeBy(migration), 'table');
  if (tables === '') return false;
  const [answer] = await tx.query(`select bool_and(to_regclass(name) is not null) as applied from unnest(array[${tables}]) name`);
  return answer?.applied === true;
}

/**
 * Makes again what somebody dropped, and nothing else: a table that is there stays as it is, with its rows. A table that was
 * lost comes back empty, and no receipt holds any more, so that the next run of each dataset fills it.
 */
export async function makeLost(tx: Transaction): Promise<void> {
  const lost = new Set((await tx.query(LOST)).map(({ name }) => String(name)));
  if (lost.size === 0) return;
  for (const { kind, name, sql } of MADE) {
    // A function is not looked for, and is the same again; a view that is there may have become another one, which is somebody's.
    if (kind === 'function' || lost.has(name)) await tx.query(sql);
  }
  const tables = MADE.filter(({ kind, name }) => kind === 'table' && lost.has(name));
  for (const { name } of tables) for (const statement of AFTER[name] ?? []) await tx.query(statement);
  if (tables.length > 0) await tx.query('delete from receipt');
}
