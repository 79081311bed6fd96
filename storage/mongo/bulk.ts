import type { AnyBulkWriteOperation } from 'mongodb';
import type { Collections, Earlier, ReviewDocument } from './collections.ts';

export type Operation = AnyBulkWriteOperation<ReviewDocument>;

/** No document is larger (https://www.mongodb.com/docs/manual/reference/limits/); a review is one, with all that it said before. */
const DOCUMENT_BYTES_MAX = 16 * 1024 * 1024;
/** What stands around the texts of a document and of the operation that writes it: ids, hashes, names of fields. */
const AROUND_BYTES = 64 * 1024;

/** What the server says of a document that would become too large (https://www.mongodb.com/docs/manual/reference/error-codes/). */
const TOO_LARGE = new Set([10334, 17419, 17420]);

/** A review for which MongoDB has no room. Nothing of it is lost: what is there stays as it is. */
export class Oversized extends Error {
  readonly id: string;
  /** Null where the server only says that it would be too much. */
  readonly bytes: number | null;
  constructor(id: string, bytes: number | null) {
    super(`review ${id} is too large for a document`);
    this.id = id;
    this.bytes = bytes;
  }
}

/** The id of the review that an operation writes: a key is a dataset, which has no slash, and the id. */
const idOf = (key: unknown): string => String(key).replace(/^[^/]*\//, '');

function parts(operation: Operation | undefined): { readonly id: string; readonly bytes: number } {
  if (operation === undefined || !('updateOne' in operation) || Array.isArray(operation.updateOne.update)) return { id: 'unknown', bytes: 0 };
  const { filter, update } = operation.updateOne;
  const written: { readonly json?: string; readonly history?: readonly Earlier[] } = update.$set ?? update.$setOnInsert ?? {};
  const pushed = (update.$push as { readonly history?: Earlier } | undefined)?.history;
  const texts = [written.json ?? '', ...(written.history ?? []).map(({ json }) => json), pushed?.json ?? ''];
  return { id: idOf(filter._id), bytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) };
}

/** The review of whose document the server says that it would become too large; undefined where it says something else. */
export function oversizedIn(error: unknown, operations: readonly Operation[]): Oversized | undefined {
  const writeErrors = error instanceof Error && 'writeErrors' in error ? error.writeErrors : undefined;
  const told = [writeErrors].flat() as readonly ({ readonly code?: unknown; readonly index?: unknown } | undefined)[];
  const found = told.find((one) => TOO_LARGE.has(Number(one?.code)));
  return found === undefined ? undefined : new Oversized(parts(operations[Number(found.index)]).id, null);
}

/** Sends operations, each about one review, in no order; how many documents were changed. One whose texts alone are too large is told before any is sent: the driver has no word for it. */
export async function writeAll({ reviews }: Pick<Collections, 'reviews'>, operations: readonly Operation[]): Promise<number> {
  for (const operation of operations) {
    const { id, bytes } = parts(operation);
    if (bytes > DOCUMENT_BYTES_MAX - AROUND_BYTES) throw new Oversized(id, bytes);
  }
  try {
    return (await reviews.bulkWrite(operations, { ordered: false })).modifiedCount;
  } catch (error) {
    throw oversizedIn(error, operations) ?? error;
  }
}
