// Asks the real Play Store a few questions and compares its answers with what the collector expects: pnpm data drill
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isUnmarked } from '../../stages/collect/play/answer.ts';
import type { Answer } from '../../stages/collect/play/answer.ts';
import { redactAnswer } from '../../stages/collect/play/archive.ts';
import { ask } from '../../stages/collect/play/ask.ts';
import type { Asked, AskOptions } from '../../stages/collect/play/ask.ts';
import { readPage } from '../../stages/collect/play/page.ts';
import { readRow } from '../../stages/collect/play/row.ts';
import { wording } from '../../stages/wording-collect.ts';
import { named } from './place.ts';

const USAGE = `Usage: pnpm data drill [--app ID] [--lang id] [--country id] [--pages 3] [--dump FILE] [--against URL]

Fetches a few pages of reviews with the same code as the collector, says for each thing that it relies on what was seen, and
writes the layout of the first page (every text by its length only) to FILE, for a report. Exit code: 0 all as expected, 1 something
differs, 2 wrong usage, 3 the store cannot be reached.`;

interface Line {
  readonly expected: string;
  readonly seen: string;
  readonly holds: boolean;
}

interface Fetched {
  readonly pages: readonly Extract<Asked, { kind: 'page' }>[];
  readonly failure: Exclude<Asked, { kind: 'page' }> | undefined;
}

interface Wanted {
  readonly app: string;
  readonly language: string;
  readonly country: string;
  readonly pages: number;
}

async function fetchPages({ app, language, country, pages: wanted }: Wanted, options: AskOptions): Promise<Fetched> {
  const pages: Extract<Asked, { kind: 'page' }>[] = [];
  let token: string | null = null;
  do {
    const asked: Asked = await ask({ app, language, country, token }, options);
    if (asked.kind !== 'page') return { pages, failure: asked };
    pages.push(asked);
    token = asked.answer.next;
  } while (token !== null && pages.length < wanted);
  return { pages, failure: undefined };
}

function markOf(answer: Answer): string {
  if (answer.next !== null) return `${answer.next.length} characters`;
  return isUnmarked(answer) ? `none on a full page${answer.elsewhere === null ? '' : `, but something like it at ${answer.elsewhere}`}` : 'none';
}

function judge({ pages }: Fetched, { app, now }: { readonly app: string; readonly now: number }): readonly Line[] {
  const reads = pages.flatMap(({ answer }) => answer.rows.map((row) => readRow(row, { app, now })));
  const rows = reads.flatMap((read) => (read.ok ? [read.row.review] : []));
  const odd = reads.find((read) => !read.ok);
  const moved = pages.map(({ answer }) => readPage(answer.rows, { app, now, believe: [] })).find((page) => 'kind' in page && page.kind !== 'rows');
  const ids = rows.map(({ id }) => id);
  const times = rows.map(({ at }) => at ?? '');
  const sizes = pages.map(({ answer }) => answer.rows.length);
  const ordered = times.filter((at, index) => index > 0 && at > (times[index - 1] ?? '')).length;
  const replies = rows.filter(({ reply }) => reply !== null).length;
  return [
    { expected: 'every row can be read', seen: odd === undefined || odd.ok ? `${rows.length} of ${reads.length} rows` : `${rows.length} of ${reads.length} rows; "${odd.field}" is ${odd.seen}`, holds: rows.length === reads.length && rows.length > 0 },
    { expected: 'every field at its place', seen: moved !== undefined && 'kind' in moved ? wording.strangeness(moved) : 'as far as can be told', holds: moved === undefined },
    { expected: 'pages of 150 rows but for the last', seen: sizes.join(', '), holds: sizes.slice(0, -1).every((size) => size === 150) },
    { expected: 'newest first', seen: ordered === 0 ? 'yes' : `${ordered} rows are newer than the one above`, holds: ordered === 0 },
    { expected: 'no review twice', seen: `${ids.length - new Set(ids).size} repeated`, holds: new Set(ids).size === ids.length },
    { expected: 'ids of some length', seen: [...new Set(ids.map((id) => id.replaceAll(/[A-Za-z0-9]+/g, (part) => (part === 'gp' ? part : 'x')).slice(0, 12)))].slice(0, 3).join(' '), holds: ids.every((id) => id.length >= 4) },
    // With one page there is no other to compare it with: a full one that names no next one is the last one only by chance.
    { expected: 'a mark of the next page on every full one', seen: pages.map(({ answer }) => markOf(answer)).join(', '), holds: !pages.some(({ answer }) => isUnmarked(answer)) },
    { expected: 'some replies, each with its time', seen: `${replies} of ${rows.length}, ${rows.filter(({ reply, repliedAt }) => reply !== null && repliedAt === null).length} without a time`, holds: rows.every(({ reply, repliedAt }) => reply === null || repliedAt !== null) },
  ];
}

function print(lines: readonly Line[]): void {
  const width = Math.max(...lines.map(({ expected }) => expected.length));
  for (const { expected, seen, holds } of lines) console.log(`${holds ? '✔' : '✖'} ${expected.padEnd(width)}  ${seen}`);
}

const OPTIONS = { app: { type: 'string' }, lang: { type: 'string', default: 'id' }, country: { type: 'string', default: 'id' }, pages: { type: 'string', default: '3' }, dump: { type: 'string', default: 'drill.json' }, against: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;

function usage(problem: string): number {
  console.error(`${problem}\n\n${USAGE}`);
  return 2;
}

async function drill(wanted: Wanted, use: { readonly dump: string; readonly against: string | undefined }): Promise<number> {
  const end = Date.now() + 180_000;
  const log = (line: string): void => console.error(line);
  const options: AskOptions = { timeoutMs: 30_000, retries: 2, backOffMs: 1000, msLeft: () => end - Date.now(), random: () => 0.5, log, ...(use.against === undefined ? {} : { prefixUrl: use.against }) };
  const fetched = await fetchPages(wanted, options);
  const { pages, failure } = fetched;
  const [first] = pages;
  const body = first?.body ?? (failure?.kind === 'strange' ? failure.body : undefined);
  if (body !== undefined) {
    writeFileSync(use.dump, redactAnswer(body));
    console.log(`The layout of the first answer, every text by its length only, is in ${use.dump}`);
  }
  if (failure !== undefined) console.error(`error: ${wording.stopped({ refusal: failure, language: wanted.language, archived: undefined }, { app: wanted.app, key: 'collect.app' }).problem}`);
  if (first === undefined) return failure?.kind === 'strange' ? 1 : 3;
  const lines = judge(fetched, { app: wanted.app, now: Math.floor(Date.now() / 1000) });
  print(lines);
  return failure === undefined && lines.every(({ holds }) => holds) ? 0 : 1;
}

export async function run(args: readonly string[]): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options: OPTIONS }));
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const place = named({ source: 'play', app: values.app });
  const pages = Number(values.pages);
  if (!place.ok) return usage(place.why);
  if (!Number.isInteger(pages) || pages < 1 || !/^[a-z]{2,3}$/.test(values.lang) || !/^[a-z]{2}$/.test(values.country)) return usage('--pages must be a whole number, --lang and --country letters such as id');
  return drill({ app: place.app, language: values.lang, country: values.country, pages }, { dump: values.dump, against: values.against });
}
