import { MongoClient } from 'mongodb';
import { badAddress } from '../address.ts';
import { attempt } from '../failure.ts';
import type { Stamp } from '../stamp.ts';
import { mongoFailure, targetOf } from './failure.ts';

/** The planner waits for this: a server that does not answer soon is not there. */
const ANSWER_MS = 3000;

/** What a server says it holds of a dataset, if the number of its reviews agrees; null where it holds nothing, or a write was cut. */
export async function askMongo(uri: string, dataset: string): Promise<Stamp | null> {
  const bad = badAddress('MONGODB_URI', uri);
  if (bad !== undefined) throw new Error(`${bad.target}: ${bad.why}`);
  const target = targetOf(uri);
  let client: MongoClient | undefined;
  const asked = await attempt((error) => mongoFailure(target, error), async () => {
    client = new MongoClient(uri, { appName: 'ulasan', serverSelectionTimeoutMS: ANSWER_MS, connectTimeoutMS: ANSWER_MS });
    const db = client.db();
    return Promise.all([
      db.collection<{ readonly _id: string; readonly rows: number; readonly checksum: string }>('stamps').findOne({ _id: dataset }),
      db.collection('reviews').countDocuments({ dataset, gone: null }),
    ]);
  });
  await client?.close();
  if (!asked.ok) throw new Error(`${asked.failure.target}: ${asked.failure.why}`);
  const [stamp, rows] = asked.value;
  return stamp === null || stamp.rows !== rows ? null : { target: `${target}#${dataset}`, rows, checksum: stamp.checksum };
}
