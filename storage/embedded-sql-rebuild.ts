import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { EMBEDDED_SQL_TARGET, bringBack, openData, placesOf } from './embedded-sql-store.ts';
import type { Attempt } from './failure.ts';
import { lockFile } from './process-lock.ts';
import { sqlFailure } from './sql/failure.ts';

/** Pages of a table that are copied at a time, 8 MB: what is copied is in memory twice. */
const PAGES = 1000;

/** The tables but for the steps of the schema, each with its columns, all in quotes. */
const TABLES = `
  select quote_ident(c.relname) as name, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns, (pg_relation_size(c.oid) / 8192)::integer as pages
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'migration' group by c.oid, c.relname order by c.relname`;

interface Table {
  readonly name: string;
  readonly columns: string;
  readonly pages: number;
}

async function copyTable(from: PGlite, to: PGlite, { name, columns, pages }: Table): Promise<void> {
  for (let page = 0; page < pages; page += PAGES) {
    const { blob } = await from.query(`copy (select ${columns} from ${name} where ctid >= '(${page},0)'::tid and ctid < '(${page + PAGES},0)'::tid) to '/dev/blob'`);
    if (blob !== undefined && blob.size > 0) await to.query(`copy ${name} (${columns}) from '/dev/blob'`, [], { blob });
  }
}

async function rowsOf(database: PGlite, { name }: Table): Promise<number> {
  return (await database.query<{ readonly rows: number }>(`select count(*)::integer as rows from ${name}`)).rows[0]?.rows ?? 0;
}

/** Copies all rows of all tables; the table that did not come through whole, if any. */
async function copyAll(from: PGlite, to: PGlite): Promise<Table | undefined> {
  const tables = (await from.query<Table>(TABLES)).rows;
  // References between tables hold in the whole, not while it is half there.
  await to.exec('set session_replication_role = replica');
  for (const table of tables) {
    await copyTable(from, to, table);
    if ((await rowsOf(from, table)) !== (await rowsOf(to, table))) return table;
  }
  return undefined;
}

/**
 * Writes the embedded store anew into another folder, which takes the place of the old one. What was deleted or changed lies on in
 * dead rows, freed pages and the write-ahead log, whose files are used again and never overwritten whole; the new folder
 * has seen only what is left. Does nothing where there is no store.
 */
export async function rebuildEmbeddedSqlStore(folder: string): Promise<Attempt<undefined>> {
  const target = EMBEDDED_SQL_TARGET;
  const { lock: file, data, copy, replaced } = placesOf(folder);
  if (!existsSync(data) && !existsSync(replaced)) return { ok: true, value: undefined };
  const lock = lockFile(file);
  if (!lock.ok) return { ok: false, failure: { kind: 'busy', target, why: `process ${lock.pid} has it open` } };
  const open: PGlite[] = [];
  try {
    bringBack(folder);
    for (const left of [copy, replaced]) rmSync(left, { recursive: true, force: true });
    mkdirSync(copy);
    for (const place of [data, copy]) {
      const opened = await openData(place);
      if (!('database' in opened)) return { ok: false, failure: { kind: 'broken', target, why: opened.why } };
      open.push(opened.database);
    }
    const [from, to] = open as [PGlite, PGlite];
    const cut = await copyAll(from, to);
    if (cut !== undefined) return { ok: false, failure: { kind: 'broken', target, why: `its table ${cut.name} cannot be copied whole` } };
    for (const database of open.splice(0)) await database.close();
    renameSync(data, replaced);
    renameSync(copy, data);
    rmSync(replaced, { recursive: true, force: true });
    return { ok: true, value: undefined };
  } catch (error) {
    const failure = sqlFailure(target, error);
    if (failure === undefined) throw error;
    return { ok: false, failure };
  } finally {
    for (const database of open) await database.close();
    rmSync(copy, { recursive: true, force: true });
    lock.release();
  }
}
