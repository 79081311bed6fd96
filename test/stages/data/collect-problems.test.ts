import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { run as collect } from '../../../stages/collect.ts';
import type { StageOutcome } from '../../../stages/context.ts';
import { stageRig } from '../context.ts';
import type { Rig } from '../context.ts';

let rig: Rig;
beforeEach(() => (rig = stageRig()));
afterEach(() => {
  assert.ok(!existsSync(path.join(rig.folder, 'data/collect/reviews.csv')), 'a collect that failed wrote an export');
  rig.remove();
});

function from(name: string, content?: string | Uint8Array): Promise<StageOutcome> {
  if (content !== undefined) rig.write(name, content);
  return rig.run('collect', collect, { collect: { source: 'file', path: name } });
}

describe('collect refuses, with place and remedy,', () => {
  test('params of the wrong type, with their keys', async () => {
    const outcome = await rig.run('collect', collect, { collect: { app: '../etc', sample: { seed: 'seven' } } });
    assert.deepEqual(outcome, {
      kind: 'failed', problem: 'Cannot use params.yaml: collect.app is "../etc": must be an app id such as com.valar.pintu; collect.sample.seed is "seven": must be a number', remedy: 'mend it in params.yaml, or in --set', where: 'params.yaml',
    });
  });

  test('a file that is not there', async () => {
    assert.deepEqual(await from('absent.csv'), {
      kind: 'failed', problem: 'Cannot read absent.csv as there is no such file', remedy: 'check collect.path in params.yaml; it is relative to the workspace', where: 'absent.csv',
    });
  });

  test('a folder, whatever its name ends in', async () => {
    mkdirSync(path.join(rig.folder, 'reviews.csv'));
    assert.deepEqual(await from('reviews.csv'), {
      kind: 'failed', problem: 'Cannot read reviews.csv as it is a folder, and no file of reviews', remedy: 'set collect.path in params.yaml to one file: .csv, .jsonl, .ndjson or .parquet', where: 'reviews.csv',
    });
  });

  test('a file of another kind', async () => {
    assert.deepEqual(await from('reviews.xlsx', 'PK'), {
      kind: 'failed', problem: 'Cannot read reviews.xlsx as its name ends in none of .csv, .jsonl, .ndjson and .parquet', remedy: 'give the file one of these endings; the text formats may be packed, as in .csv.gz', where: 'params.yaml',
    });
  });

  test('a file that is not UTF-8, with the byte and the line', async () => {
    const outcome = await from('latin.csv', Buffer.from('id,text,rating,at\na,caf\xe9,5,2026-01-01\n', 'latin1'));
    assert.deepEqual(outcome, { kind: 'failed', problem: 'Cannot read latin.csv as byte 23 (line 2) is not UTF-8', remedy: 'save the file as UTF-8; or set collect.encoding in params.yaml to what it is, or to auto, which also reads a file of which only some is UTF-8', where: 'latin.csv:2' });
  });

  test('a file that was cut off inside a quote, with the line where the row begins', async () => {
    const outcome = await from('cut.csv', 'id,text,rating,at\na,bagus,5,2026-01-01\nb,"mantap sekali\ndan cep');
    assert.deepEqual(outcome, {
      kind: 'failed', problem: 'Cannot read cut.csv as line 3 is malformed: a quote is not closed', remedy: 'mend that line; a quote that is not closed swallows the rest of the file', where: 'cut.csv:3',
    });
  });

  test('a file that was cut off between the cells of a row', async () => {
    const outcome = await from('cut.csv', 'id,text,rating,at\na,bagus,5,2026-01-01\nb,mant');
    assert.equal(outcome.kind === 'failed' && outcome.problem, 'Cannot read cut.csv as line 3 is malformed: it has more or fewer cells than the header');
  });

  test('a file without the mapped columns, with the nearest name and the key to add it to', async () => {
    const outcome = await from('other.csv', 'id,text,Ratings,at\na,bagus,5,2026-01-01\n');
    assert.deepEqual(outcome, {
      kind: 'failed',
      problem: 'Cannot read other.csv as it has no column "rating" or "score" or "stars" (did you mean "Ratings"?); its columns are id, text, Ratings, at',
      remedy: 'add the name of the column that holds it to collect.columns.rating in params.yaml', where: 'other.csv:1',
    });
  });

  test('a file about something else', async () => {
    const outcome = await from('coffee.csv', 'hour,cash_type,money,coffee_name\n10,card,38.7,Latte\n');
    assert.equal(outcome.kind === 'failed' && outcome.problem, 'Cannot read coffee.csv as it has no column "id" or "review_id" or "reviewId"; its columns are hour, cash_type, money, coffee_name');
  });

  test('a file without names of columns, and shows nothing of its first review', async () => {
    for (const [name, content] of [
      ['gp.csv', 'gp:1,Budi Santoso,mantap sekali,Jakarta\n'], ['phone.csv', 'x1,Budi Santoso hubungi 081234567890,bagus,lima\n'], ['rated.csv', 'r-1,bagus,5,Budi\n'], ['dated.csv', 'r-1,Budi,"2026-01-01 10:00",lima\n'],
      ['long.csv', 'r-1,Budi,lima,semua tombol di layar depan tidak mau ditekan lagi\n'], ['lines.csv', 'r-1,"Budi\nSanti",lima,x\n'], ['smiling.csv', 'r-1,Budi,lima,mantap 👍\n'],
    ] as const) {
      const outcome = await from(name, content);
      assert.deepEqual(outcome, {
        kind: 'failed', problem: `Cannot read ${name} as it has no column "id" or "review_id" or "reviewId": its first line looks like a review, not like names of columns`,
        remedy: 'write a line above it that names the columns, such as id,at,rating,text', where: `${name}:1`,
      });
    }
  });

  test('names of columns in one line each, cut, and so many that they can be read', async () => {
    const names = ['id', 'text', 'at', 'Rat\u001b[31mings\u202e', 'n'.repeat(50), ...Array.from({ length: 30 }, (_, index) => `column ${String.fromCharCode(97 + (index % 26))}`)];
    const outcome = await from('wide.csv', `${names.join(',')}\n${names.map(() => 'x').join(',')}\n`);
    assert.equal(
      outcome.kind === 'failed' && outcome.problem,
      `Cannot read wide.csv as it has no column "rating" or "score" or "stars"; its columns are id, text, at, Rat [31mings, ${'n'.repeat(40)}…, ${names.slice(5, 20).join(', ')} and 15 more`,
    );
  });

  test('an empty file', async () => {
    for (const name of ['empty.csv', 'empty.jsonl']) {
      const outcome = await from(name, '');
      assert.equal(outcome.kind === 'failed' && outcome.problem, `Cannot read ${name} as it is empty`);
    }
  });

  test('JSON Lines that are cut or no objects, with the line', async () => {
    const cut = await from('cut.jsonl', '{"id":"a","text":"x","rating":5,"at":"2026-01-01"}\n{"id":"b","te');
    assert.match(cut.kind === 'failed' ? cut.problem : '', /^Cannot read cut\.jsonl as line 2 is malformed: /);
    const written = await from('written.jsonl', 'Budi Santoso: bagus\n');
    assert.equal(written.kind === 'failed' && written.problem, 'Cannot read written.jsonl as line 1 is malformed: it holds a character where JSON has none', 'without showing what was written');
    const list = await from('list.jsonl', '[1,2]\n');
    assert.equal(list.kind === 'failed' && list.problem, 'Cannot read list.jsonl as line 1 is malformed: it is no object');
  });

  test('a file of another app, with its name', async () => {
    const outcome = await from('other.csv', 'id,text,rating,at,app_id\na,bagus,5,2026-01-01,com.other.app\n');
    assert.deepEqual(outcome, {
      kind: 'failed', problem: 'Cannot collect com.valar.pintu from other.csv as all its rows are of another app, such as com.other.app', remedy: 'set collect.app to com.other.app, or give another file', where: 'other.csv',
    });
  });

  test('a file whose column of the app is another one, without showing what it holds', async () => {
    const outcome = await from('mixed.csv', 'id,text,rating,at,app\na,bagus,5,2026-01-01,Budi Santoso 081234567890\n');
    assert.deepEqual(outcome, {
      kind: 'failed', problem: 'Cannot collect com.valar.pintu from mixed.csv as all its rows are of another app, and name it by what is no id of an app', remedy: 'look which column collect.columns.app takes, or give another file', where: 'mixed.csv',
    });
  });

  test('a raw store that is no database', async () => {
    rig.write('stores/raw/reviews.db', 'this is no database, and long enough to be looked at as one: '.repeat(50));
    assert.deepEqual(await from('good.csv', 'id,text,rating,at\na,bagus,5,2026-01-01\n'), {
      kind: 'failed', problem: 'Cannot use sqlite:stores/raw: file is not a database', remedy: 'if it cannot be mended, move stores/raw away: the next run fills it again, or "pnpm data restore" from data/collect', where: 'sqlite:stores/raw',
    });
  });
});
