import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { parse } from 'yaml';
import { toCsv } from '../../../records/csv.ts';
import { writeParquet } from '../../../records/parquet.ts';
import { CollectParams } from '../../../schema/params.ts';
import { Review } from '../../../schema/review.ts';
import { readFileSource } from '../../../stages/collect/file.ts';
import type { FromFile } from '../../../stages/collect/file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-file-source-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const defaults = CollectParams.parse((parse(readFileSync(path.resolve(import.meta.dirname, '../../../params.yaml'), 'utf8')) as { collect: unknown }).collect);

async function from(name: string, content?: string | Uint8Array, changes: Partial<typeof defaults> = {}): Promise<FromFile & { readonly reviews: readonly Review[] }> {
  if (content !== undefined) writeFileSync(path.join(folder, name), content);
  const read = await readFileSource(path.join(folder, name), name, { params: { ...defaults, ...changes } });
  assert.ok(read.kind === 'reviews', JSON.stringify(read));
  return { ...read, reviews: [...read.parts()].flat() };
}

const REVIEW: Review = {
  app: 'com.valar.pintu', id: 'gp:AOqp', at: '2025-12-08T10:00:00Z', rating: 4, text: 'bagus, "mantap"', thumbsUp: 2, version: '4.2.0', reply: 'terima kasih', repliedAt: '2025-12-09T00:00:00Z', source: 'file', author: null,
};

describe('a file of another program', () => {
  test('from Play Console, in UTF-16 with a link for an id', async () => {
    const header = 'Package Name,App Version Code,App Version Name,Reviewer Language,Device,Review Submit Date and Time,Review Submit Millis Since Epoch,Star Rating,Review Title,Review Text,Developer Reply Date and Time,Developer Reply Text,Review Link';
    const link = 'http://play.google.com/apps/publish?account=1#ReviewDetailsPlace:p=com.valar.pintu&reviewid=gp:AOqp';
    const csv = `\ufeff${header}\ncom.valar.pintu,42,4.2.0,id,oriole,2025-12-08T10:00:00Z,1765188000000,4,,"bagus, ""mantap""",2025-12-09T00:00:00Z,terima kasih,${link}\n`;
    for (const encoding of ['utf-16le', 'auto'] as const) {
      const { reviews, facts } = await from('console.csv', Buffer.from(csv, 'utf16le'), { encoding });
      assert.deepEqual(reviews, [{ ...REVIEW, thumbsUp: 0 }]);
      assert.equal(facts['encoding'], encoding === 'auto' ? 'utf-16le' : undefined);
    }
  });

  test('from google-play-scraper for Python', async () => {
    const csv = 'reviewId,userName,userImage,content,score,thumbsUpCount,reviewCreatedVersion,at,replyContent,repliedAt,appVersion\ngp:AOqp,Budi,http://x,"bagus, ""mantap""",4,2,4.2.0,2025-12-08 10:00:00,terima kasih,2025-12-09 00:00:00,4.2.0\n';
    assert.deepEqual((await from('python.csv', csv)).reviews, [REVIEW]);
  });

  test('with names that differ in case and marks, or are Indonesian', async () => {
    assert.deepEqual((await from('spaced.csv', 'Review ID,REVIEW-TEXT,Star Rating,reviewDate\na,x,5,2026-01-01\n')).reviews.map(({ id, text, rating, at }) => [id, text, rating, at]), [['a', 'x', 5, '2026-01-01T00:00:00Z']]);
    assert.deepEqual((await from('tabel.csv', 'ID,Ulasan,Bintang,Tanggal\na,x,5,1 Januari 2026\n')).reviews.map(({ text, rating, at }) => [text, rating, at]), [['x', 5, '2026-01-01T00:00:00Z']]);
  });

  test('where a name of collect.columns is there as it is, that column counts before others', async () => {
    assert.deepEqual((await from('both.csv', 'Review Text,review_text,id,rating,at\nno,yes,a,5,2026-01-01\n')).reviews.map(({ text }) => text), ['yes']);
  });

  test('in Parquet, in packed CSV and in JSON Lines says the same as in CSV', async () => {
    writeParquet(path.join(folder, 'r.parquet'), Review, [REVIEW]);
    const csv = toCsv(Object.keys(Review.shape), [REVIEW]);
    const files: readonly (readonly [string, string | Uint8Array | undefined])[] = [
      ['r.csv', csv], ['r.csv.gz', gzipSync(csv)], ['r.ndjson', `${JSON.stringify(REVIEW)}\n`], ['r.jsonl.gz', gzipSync(JSON.stringify(REVIEW))], ['r.parquet', undefined], ['R.PARQUET', readFileSync(path.join(folder, 'r.parquet'))],
    ];
    for (const [name, content] of files) assert.deepEqual((await from(name, content)).reviews, [REVIEW], name);
  });

  test('in Windows-1252 is read where params ask for it, or found out', async () => {
    const bytes = Buffer.from('id,text,rating,at\na,caf\xe9 \x80,5,2026-01-01\n', 'latin1');
    assert.equal((await from('w.csv', bytes, { encoding: 'windows-1252' })).reviews[0]?.text, 'café €');
    const { reviews, facts } = await from('w.csv', bytes, { encoding: 'auto' });
    assert.equal(reviews[0]?.text, 'café €');
    assert.equal(facts['encoding'], 'windows-1252');
  });
});

describe('a file that is put together', () => {
  const utf8 = (text: string): Buffer => Buffer.from(text);
  const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
  const said = ['mantap 👍', 'kafé “baik” 5€', 'biasa', 'jelek 😡'];

  test('of UTF-8 and an older encoding is read cell by cell in CSV and line by line in JSON Lines, and says so', async () => {
    const csv = Buffer.concat([utf8('id,text,rating,at,version\na,mantap 👍,5,2026-01-01,'), latin('caf\xe9'), utf8('\n'), latin('b,kaf\xe9 \x93baik\x94 5\x80,5,2026-01-01,\n'), utf8('c,biasa,5,2026-01-01,\nd,"jelek 😡",1,2026-01-01,\n')]);
    const read = await from('mixed.csv', csv, { encoding: 'auto' });
    assert.deepEqual([read.reviews.map(({ text }) => text), read.reviews[0]?.version, read.facts['encoding']], [said, 'café', 'mixed']);
    const jsonl = Buffer.concat([utf8('\ufeff{"id":"a","text":"mantap 👍","rating":5,"at":"2026-01-01"}\n'), latin('{"id":"b","text":"kaf\xe9 \x93baik\x94 5\x80","rating":5,"at":"2026-01-01"}\n'), utf8('{"id":"c","text":"biasa","rating":5,"at":"2026-01-01"}\n{"id":"d","text":"jelek 😡","rating":1,"at":"2026-01-01"}')]);
    const lines = await from('mixed.jsonl', jsonl, { encoding: 'auto' });
    assert.deepEqual([lines.reviews.map(({ text }) => text), lines.facts['encoding']], [said, 'mixed']);
  });

  test('and named as UTF-8 is refused, with the line', async () => {
    writeFileSync(path.join(folder, 'bad.csv'), Buffer.concat([utf8('id,text,rating,at\na,mantap 👍,5,2026-01-01\n'), latin('b,kaf\xe9,5,2026-01-01\n')]));
    const read = await readFileSource(path.join(folder, 'bad.csv'), 'bad.csv', { params: defaults });
    assert.ok(read.kind === 'failed');
    assert.match(read.problem, /\(line 3\) is not UTF-8/);
    assert.match(read.remedy, /collect\.encoding in params\.yaml/);
  });
});

describe('a file whose rows name the same in different ways', () => {
  const said = ({ reviews }: { readonly reviews: readonly Review[] }) => reviews.map(({ id, text, rating, at, thumbsUp }) => [id, text, rating, at?.slice(0, 10), thumbsUp]);
  const scraped = [{ reviewId: 'a', content: 'bagus', score: 4, at: '2026-01-01', thumbsUpCount: 2 }, { reviewId: 'b', content: null, score: 1, at: '2026-01-02' }];
  const own = [{ id: 'c', text: 'jelek', rating: 2, date: '2026-01-03' }, { id: 'd', rating: 5, date: '2026-01-04' }];
  const console_ = [{ 'Review Link': 'http://play.google.com/x?reviewId=e', 'Review Text': 'oke', 'Star Rating': 3, 'Review Submit Date and Time': '2026-01-05' }];
  const all = [['a', 'bagus', 4, '2026-01-01', 2], ['b', '', 1, '2026-01-02', 0], ['c', 'jelek', 2, '2026-01-03', 0], ['d', '', 5, '2026-01-04', 0], ['e', 'oke', 3, '2026-01-05', 0]];

  test('in JSON Lines is read row by row, whichever comes first', async () => {
    const rows = [...scraped, ...own, ...console_];
    const read = async (lines: readonly object[]) => said(await from('names.jsonl', lines.map((line) => JSON.stringify(line)).join('\n')));
    assert.deepEqual(await read(rows), all);
    assert.deepEqual(await read(rows.toReversed()), all.toReversed());
  });

  test('where each row has all of the names, as programs put tables together, takes the one that says something', async () => {
    const rows = [...scraped, ...own];
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const filled = rows.map((row): Record<string, string | number | null> => Object.fromEntries(columns.map((name) => [name, (row as Record<string, string | number | null>)[name] ?? null])));
    const expected = all.slice(0, rows.length);
    assert.deepEqual(said(await from('union.csv', toCsv(columns, filled))), expected);
    assert.deepEqual(said(await from('union.jsonl', filled.map((row) => JSON.stringify(row)).join('\n'))), expected);
    parquetWriteFile({ filename: path.join(folder, 'union.parquet'), columnData: columns.map((name) => ({ name, data: filled.map((row) => row[name] ?? null), type: filled.some((row) => typeof row[name] === 'number') ? 'DOUBLE' : 'STRING', nullable: true })) });
    assert.deepEqual(said(await from('union.parquet')), expected);
  });

  test('and of some of them in a way that nobody knows is refused, with the line and the key: nothing is lost without a word', async () => {
    for (const [field, line, key, remedy] of [['text', { id: 'z', kata: 'rusak', rating: 1, at: '2026-01-01' }, 'kata', '"text": ""'], ['id', { nomor: 77, text: 'rusak', rating: 1, at: '2026-01-01' }, 'nomor', '"id": null']] as const) {
      writeFileSync(path.join(folder, 'unknown.jsonl'), `${[...scraped, ...own].map((row) => JSON.stringify(row)).join('\n')}\n\n${JSON.stringify(line)}\n`);
      assert.deepEqual(await readFileSource(path.join(folder, 'unknown.jsonl'), 'unknown.jsonl', { params: defaults }), {
        kind: 'failed', problem: `Cannot read unknown.jsonl as line 6 has no ${field} under a name that is known, but a key that no line with one has: ${key}`,
        remedy: `add the name of the key that holds it to collect.columns.${field} in params.yaml, or write ${remedy} into that line`, where: 'unknown.jsonl:6',
      });
    }
    const kinder = [{ id: 'a', text: 'x', rating: 5, at: '2026-01-01', device: 'A1' }, { id: 'b', rating: 5, at: '2026-01-01', device: 'A2' }, { text: 'no id', rating: 5, at: '2026-01-01', device: '' }];
    assert.deepEqual((await from('left-out.jsonl', kinder.map((row) => JSON.stringify(row)).join('\n'))).reviews.map(({ text }) => text), ['x', '', 'no id'], 'a row that only leaves it out is read as ever');
  });
});

describe('a CSV of a spreadsheet', () => {
  const rows = [['a', 'bagus, "mantap"', 4.5, '2026-01-02T00:00:00Z'], ['b', 'dua\nbaris; ya', 1, '2026-01-01T00:00:00Z']];
  const tell = ({ reviews }: { readonly reviews: readonly Review[] }) => reviews.map(({ id, text, rating, at }) => [id, text, rating, at]);
  const written = (separator: string, end: string): string => {
    const table = [['"id"', 'text', 'rating', 'at'], ['a', '"bagus, ""mantap"""', '"4,5"', '2/1/2026'], ['b', '"dua\nbaris; ya"', '1', '1/1/2026'], ['c', '', '', '13/1/2026']];
    return table.map((cells) => cells.join(separator) + end).join('');
  };

  test('with semicolons, tabs or bars between cells is read, and says so; also where a first line names the sign', async () => {
    for (const [separator, named] of [[';', ';'], ['\t', 'tab'], ['|', '|'], [',', undefined]] as const) {
      const read = await from('dialect.csv', written(separator, '\r\n'));
      assert.deepEqual([tell(read).slice(0, 2), read.facts['separator']], [rows, named]);
    }
    const read = await from('named.csv', `sep=;\r\n${written(';', '\r\n')}`);
    assert.deepEqual([tell(read).slice(0, 2), read.facts['separator']], [rows, ';']);
  });

  test('as Windows-1252 with semicolons, which is what many programs save, is read', async () => {
    const read = await from('excel.csv', Buffer.from('id;text;rating;at\na;kaf\xe9;5;2026-01-01\n', 'latin1'), { encoding: 'auto' });
    assert.deepEqual(tell(read), [['a', 'kafé', 5, '2026-01-01T00:00:00Z']]);
  });

  test('whose lines end in CR alone is read; what is in quotes stays as it is', async () => {
    for (const separator of [',', ';']) assert.deepEqual(tell(await from('mac.csv', written(separator, '\r'))).slice(0, 2), rows);
    assert.equal((await from('mac.csv', 'id,text,rating,at\ra,"x\ry",5,2026-01-01\r')).reviews[0]?.text, 'x\ry');
    assert.equal((await from('unix.csv', 'id,text,rating,at\na,x\ry,5,2026-01-01\n')).reviews[0]?.text, 'x\ry', 'in a file whose lines end as usual it is a sign of the text');
  });

  test('whose commas are text is told by its header, and so is one whose semicolons are in quotes', async () => {
    const read = await from('few.csv', 'id;text;rating;at\na;satu, dua, tiga, empat, lima;5;2026-01-01\n');
    assert.equal(read.reviews[0]?.text, 'satu, dua, tiga, empat, lima');
    assert.deepEqual(tell(await from('quoted.csv', '"id","text;a;b;c;d;e","rating","at"\na,x,5,2026-01-01\n', { columns: { ...defaults.columns, text: ['text;a;b;c;d;e'] } })), [['a', 'x', 5, '2026-01-01T00:00:00Z']]);
  });

  test('of which a row is ragged is refused as ever, with its line', async () => {
    writeFileSync(path.join(folder, 'ragged.csv'), 'sep=;\nid;text;rating;at\na;x;5\n');
    const read = await readFileSource(path.join(folder, 'ragged.csv'), 'ragged.csv', { params: defaults });
    assert.equal(read.kind === 'failed' && read.where, 'ragged.csv:3');
  });
});

describe('an export of a database', () => {
  const ids = ['9007199254740993', '9007199254740994', '12345678901234567890'];

  test('keeps ids that are larger than a number can be apart, in JSON Lines and Parquet', async () => {
    const jsonl = ids.map((id) => `{"id":${id},"text":"nomor 1234567890123456789 \\"${id}\\"","rating":5,"at":1765188000000}`).join('\n');
    const read = await from('large.jsonl', jsonl);
    assert.deepEqual(read.reviews.map(({ id, text, at }) => [id, text, at]), ids.map((id) => [id, `nomor 1234567890123456789 "${id}"`, '2025-12-08T10:00:00Z']));
    const own = ids.slice(0, 2);
    const columnData = [
      { name: 'id', data: own.map(BigInt), type: 'INT64' }, { name: 'text', data: ['x', 'y'], type: 'STRING' }, { name: 'rating', data: [5n, 1n], type: 'INT64' },
      { name: 'at', data: [1765188000123456789n, 1765188000123456n], type: 'INT64' },
    ] as const;
    parquetWriteFile({ filename: path.join(folder, 'large.parquet'), columnData: columnData.map(({ name, data, type }) => ({ name, data: [...data], type })) });
    const parquet = await from('large.parquet');
    assert.deepEqual(parquet.reviews.map(({ id, rating, at }) => [id, rating, at]), [[own[0], 5, '2025-12-08T10:00:00Z'], [own[1], 1, '2025-12-08T10:00:00Z']]);
  });

  test('of MongoDB has its values out of their wrapping', async () => {
    const line = { _id: { $oid: '507f1f77bcf86cd799439011' }, text: 'x', rating: { $numberInt: '5' }, thumbsUp: { $numberLong: '7' }, at: { $date: '2025-12-08T10:00:00.123Z' }, repliedAt: { $date: { $numberLong: '1765188000000' } }, reply: { a: 1 } };
    const { reviews } = await from('mongo.jsonl', JSON.stringify(line), { columns: { ...defaults.columns, id: ['_id'] } });
    assert.deepEqual(reviews.map(({ id, rating, thumbsUp, at, repliedAt, reply }) => [id, rating, thumbsUp, at, repliedAt, reply]), [['507f1f77bcf86cd799439011', 5, 7, '2025-12-08T10:00:00Z', '2025-12-08T10:00:00Z', '{"a":1}']]);
  });

  test('of psql keeps its dates', async () => {
    const { reviews } = await from('psql.csv', 'id,text,rating,at\na,x,5,2025-12-07 08:10:14.5+07\nb,y,5,2025-12-07 08:10:14+00\n');
    assert.deepEqual(reviews.map(({ at }) => at), ['2025-12-07T01:10:14Z', '2025-12-07T08:10:14Z']);
  });
});

describe('rows of a file', () => {
  test('keep ids that are doubled and ids that differ in case', async () => {
    const { reviews } = await from('ids.csv', 'id,text,rating,at\nA,x,5,2026-01-01\na,y,5,2026-01-01\na,z,5,2026-01-01\n');
    assert.deepEqual(reviews.map(({ id, text }) => id + text), ['Ax', 'ay', 'az']);
  });

  test('lose the guard of a formula, in CSV only', async () => {
    assert.equal((await from('guard.csv', "id,text,rating,at\na,'=1+1,5,2026-01-01\n")).reviews[0]?.text, '=1+1');
    assert.equal((await from('guard.jsonl', '{"id":"a","text":"\'=1+1","rating":5,"at":"2026-01-01"}\n')).reviews[0]?.text, "'=1+1");
  });

  test('lose the names of their users unless the door keeps something of them', async () => {
    const csv = 'id,text,rating,at,User Name\na,x,5,2026-01-01,Budi\nb,x,5,2026-01-01,\n';
    assert.deepEqual((await from('users.csv', csv)).reviews.map(({ author }) => author), [null, null]);
    const names: (string | null)[] = [];
    const kept = await readFileSource(path.join(folder, 'users.csv'), 'users.csv', {
      params: defaults,
      admit: (review, userName) => {
        names.push(userName);
        return { ...review, author: userName === null ? null : 'hash' };
      },
    });
    assert.deepEqual(kept.kind === 'reviews' && [...kept.parts()].flat().map(({ author }) => author), ['hash', null]);
    assert.deepEqual(names, ['Budi', null]);
  });

  test('whose dates could be read in two ways have none, and are counted', async () => {
    const { reviews, facts } = await from('dates.csv', 'id,text,rating,at,reply_date\na,x,5,8/12/2025,9/12/2025\nb,x,5,9/12/2025,13/12/2025\n');
    assert.deepEqual(reviews.map(({ at, repliedAt }) => [at, repliedAt]), [[null, '2025-12-09T00:00:00Z'], [null, '2025-12-13T00:00:00Z']]);
    assert.deepEqual(facts, { otherApps: 0, repeatedHeaders: 0, undecidedDates: 2 });
  });

  test('give up NUL and lone surrogates and nothing else', async () => {
    const { reviews } = await from('odd.jsonl', '{"id":"a","text":"a\\u0000b\\ud83d \u202E👨\u200d👩\u200d👧 <script>","rating":5,"at":"2026-01-01"}\n');
    assert.equal(reviews[0]?.text, 'ab\ufffd \u202E👨\u200d👩\u200d👧 <script>');
  });
});
