import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as breathe } from 'node:timers/promises';
import { guard } from '../../schema/formula.ts';
import type { ServedReview } from '../../schema/served-review.ts';
import type { Place, ReviewFilter } from '../../storage/served-reviews.ts';
import type { HeldReviews } from '../release/reviews.ts';

export type Format = 'csv' | 'json' | 'ndjson';

export const TYPES: Readonly<Record<Format, string>> = { csv: 'text/csv; charset=utf-8', json: 'application/json; charset=utf-8', ndjson: 'application/x-ndjson; charset=utf-8' };
const COLUMNS = ['app', 'id', 'at', 'rating', 'label', 'negative', 'neutral', 'positive', 'model', 'starsLabel', 'language', 'version', 'text'] as const satisfies readonly (keyof ServedReview)[];
const ROWS_AT_ONCE = 500;

/** Quoted where it must be; what a spreadsheet would run begins with an apostrophe. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = guard(value);
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** With a byte order mark, since spreadsheets take UTF-8 for something else without. */
const HEADS: Readonly<Record<Format, string>> = { csv: `\ufeff${COLUMNS.join(',')}\r\n`, json: '[', ndjson: '' };
const ENDS: Readonly<Record<Format, string>> = { csv: '', json: '\n]\n', ndjson: '' };

function chunkOf(format: Format, reviews: readonly ServedReview[], isFirst: boolean): string {
  switch (format) {
    case 'csv':
      return reviews.map((review) => `${COLUMNS.map((column) => cell(review[column])).join(',')}\r\n`).join('');
    case 'json':
      return reviews.map((review, index) => `${isFirst && index === 0 ? '\n' : ',\n'}${JSON.stringify(review)}`).join('');
    case 'ndjson':
      return reviews.map((review) => `${JSON.stringify(review)}\n`).join('');
    default: {
      const never: never = format;
      return never;
    }
  }
}

/** Resolves when the answer goes on, or will never do. */
function until(response: ServerResponse, event: 'drain' | 'socket'): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off(event, done);
      response.off('close', done);
      resolve();
    };
    response.on(event, done);
    response.on('close', done);
  });
}

/** Writes every review that the filter lets through, piece by piece: memory stays the same however many there are. */
export async function download(request: IncomingMessage, response: ServerResponse, { reviews, filter, format }: { readonly reviews: HeldReviews; readonly filter: ReviewFilter; readonly format: Format }): Promise<void> {
  response.writeHead(200, { 'Content-Type': TYPES[format], 'Content-Disposition': `attachment; filename="reviews.${format}"`, 'Cache-Control': 'no-store' });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await reviews.read(async (step) => {
    // Asked for behind other requests on the same connection: its first pieces would wait in memory.
    if (response.socket === null) await until(response, 'socket');
    response.write(HEADS[format]);
    let place: Place | null = null;
    let isFirst = true;
    do {
      const { reviews: rows, next } = step(filter, place, ROWS_AT_ONCE);
      const ready = rows.length === 0 || response.write(chunkOf(format, rows, isFirst));
      if (rows.length > 0) isFirst = false;
      place = next;
      if (response.destroyed) return;
      // A slow reader is waited for, and goes if the connection closes meanwhile.
      if (!ready) await until(response, 'drain');
      else await breathe();
    } while (place !== null);
    response.end(ENDS[format]);
  });
}
