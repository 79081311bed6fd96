import { createWriteStream, readFileSync } from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import type { CleanReview } from '../schema/clean-review.ts';
import type { Prediction } from '../schema/prediction.ts';
import { openPostgresSqlStore } from '../storage/postgres-sql-store.ts';
import { copyText } from '../storage/copy-text.ts';
import type { Publication } from '../storage/publication.ts';
import { publish } from '../storage/published.ts';
import type { SqlStore } from '../storage/sql-store.ts';
import { postgresBinary, postgresMissing, startPostgres } from '../test/servers/postgres/server.ts';
import { interleave, median } from './measure.ts';
import type { Row } from './row.ts';
import { withFolder } from './workspace.ts';

const ROWS = 1_000_000;
const COLUMNS = ['id', 'at', 'rating', 'label', 'label_source', 'language', 'app_version', 'raw', 'tokens'];
const TABLE = 'create table loaded (id text, at timestamptz, rating smallint, label text, label_source text, language text, app_version text, raw text, tokens text)';

/** Reviews of the length that real ones have, some with what has to be escaped. */
function* rows(): Generator<readonly unknown[]> {
  for (let index = 0; index < ROWS; index++) {
    const raw = index % 10 === 0 ? `baris satu\nbaris dua\t"kutip" \\ ${index} 👍` : `aplikasi ini bagus sekali tapi kadang lambat saat masuk ${index}`;
    yield [`gp:AOqpTOE${index}`, '2026-01-01T00:00:00Z', 1 + (index % 5), 'positive', 'stars', 'id', index % 4 === 0 ? null : '4.2.0', raw, raw];
  }
}

const VERSION = '0123456789ab';

/** The same rows as the stage publishes them, each with its prediction. */
function publicationOf(): Publication {
  const app = 'com.example.app';
  const reviews: CleanReview[] = [];
  const predictions: Prediction[] = [];
  for (const [id, at, rating, label, labelSource, language, version, raw, tokens] of rows()) {
    reviews.push({ app, id, at, rating, label, labelSource, language, version, raw, tokens, text: raw } as CleanReview);
    predictions.push({ app, id, version: VERSION, label, negative: 0.1, neutral: 0.2, positive: 0.7 } as Prediction);
  }
  const manifest = { app, dataset: `file:${app}`, version: VERSION, estimator: 'multinomial-nb' } as Publication['manifest'];
  return { dataset: `file:${app}`, app, source: 'file', at: '2026-07-01T07:00:00.000Z', reviews, predictions, manifest, reports: {} };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** All that a stage does for a million reviews and their predictions: into an empty store, and again with nothing changed. */
async function publishing(store: SqlStore): Promise<readonly [number, number]> {
  const publication = publicationOf();
  return [await timed(() => publish(store, publication)), await timed(() => publish(store, publication))];
}

/**
 * A million rows into PostgreSQL by the store's bulk load, against psql's \copy of the same rows from a file, into a bare table,
 * which is what the two have in common; and what publishing takes in all, with keys, indexes, predictions and its receipt.
 */
export async function sql(rounds: number): Promise<readonly Row[]> {
  const missing = postgresMissing();
  if (missing !== false) throw new Error(`Cannot measure: ${missing}`);
  return withFolder(async (folder) => {
    const file = path.join(folder, 'rows.tsv');
    const stream = createWriteStream(file);
    for (const piece of copyText(rows(), { rows: 0 })) if (!stream.write(piece)) await once(stream, 'drain');
    stream.end();
    await once(stream, 'close');
    // Rows as they are in memory when a stage publishes them: making them is not part of either side.
    const made = [...rows()];
    const server = await startPostgres();
    try {
      const opened = await openPostgresSqlStore(server.fresh());
      if (!opened.ok) throw new Error(opened.failure.why);
      const store = opened.value;
      await store.transaction((tx) => tx.query(TABLE));
      const url = server.fresh();
      const psql = (command: string) => ({ name: 'psql', argv: [postgresBinary('psql'), url, '-qc', command] as const, cwd: folder });
      interleave([psql(TABLE)], 1);
      const [ours, theirs]: [number[], number[]] = [[], []];
      for (let round = 0; round < Math.min(rounds, 5); round++) {
        await store.transaction((tx) => tx.query('truncate loaded'));
        const start = performance.now();
        await store.transaction((tx) => tx.copy('loaded', COLUMNS, made));
        ours.push((performance.now() - start) / 1000);
        interleave([psql('truncate loaded')], 1);
        theirs.push(...(interleave([psql(`\\copy loaded (${COLUMNS.join(', ')}) from '${file}'`)], 1)[0]?.seconds ?? []));
      }
      const [first, again] = await publishing(store);
      await store.close();
      const [mine, peer] = [ours, theirs].map((seconds) => median(seconds.toSorted((a, b) => a - b))) as [number, number];
      const bytes = readFileSync(file).length / 1e6;
      // At least 70 % of its speed is at most 1 / 0.7 of its time.
      const published = { unit: 's', peer: 'psql \\copy into a bare table', theirs: peer, bar: null } as const;
      return [
        { name: `bulk load of 1,000,000 rows (${bytes.toFixed(0)} MB)`, ours: mine, unit: 's', peer: 'psql \\copy', theirs: peer, ratio: mine / peer, bar: 1 / 0.7 },
        { name: 'publish 1,000,000 reviews with their predictions', ours: first, ...published, ratio: first / peer },
        { name: 'publish them again, unchanged', ours: again, ...published, ratio: again / peer },
      ];
    } finally {
      await server.stop();
    }
  });
}
