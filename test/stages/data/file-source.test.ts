import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
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
