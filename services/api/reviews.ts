import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import { AppId, Label, Language } from '../../schema/app.ts';
import { ServedReview } from '../../schema/served-review.ts';
import type { Place, ReviewFilter } from '../../storage/served-reviews.ts';
import { RequestProblem, sendJson } from '../http/problem.ts';
import { route } from '../http/route.ts';
import type { Route } from '../http/route.ts';
import type { Step } from '../release/reviews.ts';
import { wording } from '../wording.ts';
import { TYPES, download } from './download.ts';

/** Text in this form is in the order of time between these two; zones reach beyond them, where no review is. */
const [EARLIEST, LATEST] = ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'];

/** Reviews have whole seconds: at or after (or before) a part of one is at or after (or before) the next. */
function instantOf(value: string): string {
  const second = Math.ceil(Date.parse(value) / 1000) * 1000;
  if (second <= Date.parse(EARLIEST)) return EARLIEST;
  return second >= Date.parse(LATEST) ? LATEST : `${new Date(second).toISOString().slice(0, 19)}Z`;
}

const noMoment = ({ input }: { readonly input?: unknown }): string => wording.noMoment(String(input));
const Moment = z.union([z.iso.datetime({ offset: true, error: noMoment }), z.iso.date({ error: noMoment })]).transform(instantOf);
const PAGE = 50;
const Query = z.strictObject({
  app: AppId.optional(),
  since: Moment.optional().describe('Written at or after this date or instant'),
  until: Moment.optional().describe('Written before this date or instant'),
  label: Label.optional().describe('What the model said'),
  stars: z.coerce.number().int().min(1).max(5).optional(),
  language: Language.optional(),
  text: z.string().max(200).optional().describe('A piece of the text, in any case'),
  limit: z.coerce.number().int().min(1).max(500).optional().describe('Reviews of a page').meta({ default: PAGE }),
  cursor: z.string().max(500).optional().describe('From `next` of the page before: what follows it, within this filter'),
  format: z.enum(['csv', 'json', 'ndjson']).optional().describe('Downloads everything that the filter lets through, instead of a page: without limit and cursor'),
}).check(({ value, issues }) => {
  if (value.format === undefined) return;
  for (const key of ['limit', 'cursor'] as const) if (value[key] !== undefined) issues.push({ code: 'custom', input: value, path: [key], message: wording.wholeDownload });
});
const Page = z.strictObject({ release: z.string(), reviews: z.array(ServedReview), next: z.string().nullable().describe('The cursor of the next page; null on the last one') });

const Cursor = z.tuple([z.string().max(40), z.string().max(300)]);

const cursorOf = ({ at, id }: Place): string => Buffer.from(JSON.stringify([at, id])).toString('base64url');

function placeOf(cursor: string | undefined): Place | null {
  if (cursor === undefined) return null;
  try {
    const [at, id] = Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { at, id };
  } catch {
    throw new RequestProblem({ status: 400, detail: wording.badCursor });
  }
}

/** A page: steps until it is full or everything was looked at, other requests getting their turn in between. */
async function pageOf(look: Step, filter: ReviewFilter, { place, limit }: { place: Place | null; limit: number }): Promise<{ readonly found: readonly ServedReview[]; readonly next: Place | null }> {
  const found: ServedReview[] = [];
  let next = place;
  do {
    const step = look(filter, next, limit - found.length);
    found.push(...step.reviews);
    next = step.next;
    if (found.length >= limit || next === null) break;
    await breathe();
  } while (next !== null);
  return { found, next };
}

export function reviewRoutes(): readonly Route[] {
  return [
    route({
      method: 'GET', path: '/api/reviews', tag: 'reviews', summary: 'Reviews with what the model said of them, newest first; as pages or as a download', query: Query, answer: z.union([Page, z.array(ServedReview)]), types: Object.values(TYPES),
      async handle({ request, response, query, release }) {
        if (release === null) throw new RequestProblem({ status: 503, detail: wording.noRelease });
        const { app, since, until, label, stars, language, text, limit = PAGE, cursor, format } = query;
        const filter: ReviewFilter = { app, since, until, label, rating: stars, language, text };
        const { reviews } = release;
        if (format !== undefined && reviews !== null) return download(request, response, { reviews, filter, format });
        const place = placeOf(cursor);
        const { found, next } = reviews === null ? { found: [], next: null } : await reviews.read((step) => pageOf(step, filter, { place, limit }));
        return sendJson(response, { release: release.id, reviews: found, next: next === null ? null : cursorOf(next) });
      },
    }),
  ];
}
