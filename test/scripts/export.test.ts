import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { writeRows } from '../../records/csv.ts';
import { readRows } from '../../records/read-csv.ts';
import { readJsonl } from '../../records/jsonl.ts';
import { readParquet } from '../../records/parquet.ts';
import { CleanReview } from '../../schema/clean-review.ts';
import { Prediction } from '../../schema/prediction.ts';
import { Review } from '../../schema/review.ts';
import { PredictedReview, exportData, run } from '../../scripts/data/export.ts';
import { root } from '../pipeline/rig.ts';

const workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-export-'));
after(() => rmSync(workspace, { recursive: true, force: true }));
const at = (name: string): string => path.join(workspace, name);

const REVIEW: Review = {
  app: 'a.b', id: 'r1', at: '2026-01-01T00:00:00Z', rating: 5, text: '=1+1 "bagus",\n👍', thumbsUp: 3, version: null, reply: '', repliedAt: null, source: 'file', author: null,
};
const CLEAN: CleanReview = { app: 'a.b', id: 'r1', at: '2026-01-01T00:00:00Z', rating: 5, label: 'positive', labelSource: 'stars', language: 'id', version: '1.0', raw: REVIEW.text, text: 'bagus', tokens: 'bagus' };
const PREDICTION: Prediction = { app: 'a.b', id: 'r1', version: 'v1', label: 'negative', negative: 0.1 + 0.2, neutral: 0.3, positive: 0.4 };
const PREDICTED = { app: 'a.b', id: 'r1', at: CLEAN.at, rating: 5, label: 'positive', predicted: 'negative', negative: 0.1 + 0.2, neutral: 0.3, positive: 0.4, language: 'id', version: '1.0', text: REVIEW.text, model: 'v1' };

before(() => {
  for (const folder of ['collect', 'clean', 'predict']) mkdirSync(at(`data/${folder}`), { recursive: true });
  writeRows(at('data/collect/reviews.csv'), Review, [REVIEW]);
  writeRows(at('data/clean/reviews.csv'), CleanReview, [CLEAN, { ...CLEAN, id: 'r2' }]);
  writeRows(at('data/predict/predictions.csv'), Prediction, [PREDICTION]);
});

/** Exit code, and what was said on both channels. */
async function said(t: { mock: { method(object: object, name: string, body: () => void): { mock: { calls: readonly { arguments: readonly unknown[] }[] } } } }, args: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  const nothing = (): void => undefined;
  const [log, error] = [t.mock.method(console, 'log', nothing), t.mock.method(console, 'error', nothing)];
  const code = await run(args);
  const text = (calls: readonly { arguments: readonly unknown[] }[]): string => calls.map(({ arguments: [first] }) => String(first)).join('\n');
  return { code, out: text(log.mock.calls), error: text(error.mock.calls) };
}

describe('an export', () => {
  test('of collected reviews says the same in every format', async () => {
    for (const format of ['csv', 'jsonl', 'parquet'] as const) assert.deepEqual(exportData({ workspace, from: 'collect', format, to: at(`out/r.${format}`) }), { ok: true, rows: 1 });
    assert.deepEqual(readRows(at('out/r.csv'), Review), { ok: true, rows: [REVIEW] });
    assert.match(readFileSync(at('out/r.csv'), 'utf8'), /"'=1\+1 ""bagus"",/);
    assert.deepEqual(readJsonl(at('out/r.jsonl')), { ok: true, rows: [{ line: 1, value: REVIEW }] });
    const parquet = await readParquet(at('out/r.parquet'));
    assert.deepEqual(parquet.ok && parquet.rows.rows, [REVIEW]);
    assert.deepEqual(readdirSync(at('out')).sort(), ['r.csv', 'r.jsonl', 'r.parquet']);
  });

  test('of predictions joins them with the reviews, in columns for people, and leaves out what has none', async () => {
    assert.deepEqual(exportData({ workspace, from: 'predictions', format: 'csv', to: at('p.csv') }), { ok: true, rows: 1 });
    assert.deepEqual(readRows(at('p.csv'), PredictedReview), { ok: true, rows: [PREDICTED] });
    exportData({ workspace, from: 'predictions', format: 'parquet', to: at('p.parquet') });
    const parquet = await readParquet(at('p.parquet'));
    assert.deepEqual(parquet.ok && parquet.rows.rows, [PREDICTED]);
  });

  test('that fails leaves the file of before', async () => {
    writeFileSync(at('kept.csv'), 'before');
    const done = exportData({ workspace: at('nowhere'), from: 'clean', format: 'csv', to: at('kept.csv') });
    assert.equal(done.ok, false);
    assert.equal(readFileSync(at('kept.csv'), 'utf8'), 'before');
  });
});

describe('an export to what is no file', () => {
  const csv = (to: string) => exportData({ workspace, from: 'collect', format: 'csv', to });

  test('goes through a link to what it leads to, be that there or not, and leaves the link', () => {
    writeFileSync(at('behind.csv'), 'before');
    for (const [link, target] of [['link.csv', 'behind.csv'], ['far.csv', 'new/behind.csv']] as const) {
      symlinkSync(target, at(link));
      assert.deepEqual(csv(at(link)), { ok: true, rows: 1 });
      assert.deepEqual([readlinkSync(at(link)), lstatSync(at(target)).isFile(), readRows(at(target), Review)], [target, true, { ok: true, rows: [REVIEW] }]);
    }
    symlinkSync('round.csv', at('round.csv'));
    const round = csv(at('round.csv'));
    assert.match(round.ok ? '' : round.why, /^error: Cannot write .*round\.csv: ELOOP/);
  });

  test('is written into a pipe in every format, which stays one', async () => {
    for (const format of ['csv', 'parquet'] as const) {
      const pipe = at(`pipe.${format}`);
      assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
      const reader = spawn('cat', [pipe], { stdio: ['ignore', openSync(at(`read.${format}`), 'w'), 'inherit'] });
      const ended = new Promise((resolve) => reader.on('close', resolve));
      assert.deepEqual(exportData({ workspace, from: 'collect', format, to: pipe }), { ok: true, rows: 1 });
      await ended;
      assert.ok(lstatSync(pipe).isFIFO());
    }
    assert.deepEqual(readRows(at('read.csv'), Review), { ok: true, rows: [REVIEW] });
    assert.equal((await readParquet(at('read.parquet'))).ok, true);
  });

  test('is written to the output alone, and what the command says goes elsewhere', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, 'scripts/data.js'), 'export', 'collect', '--to', '/dev/stdout', '--format', 'csv', '--workspace', workspace], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    csv(at('same.csv'));
    assert.equal(stdout, readFileSync(at('same.csv'), 'utf8'));
    assert.equal(stderr, '1 rows of collect written to /dev/stdout\n');
  });

  test('says in a sentence that a device has no space left, and that a folder is none', { skip: existsSync('/dev/full') ? false : 'there is no /dev/full here' }, () => {
    symlinkSync('/dev/full', at('full'));
    const [full, folder] = [csv(at('full')), csv(at('data'))];
    assert.deepEqual([full, lstatSync('/dev/full').isCharacterDevice()], [{ ok: false, why: `error: Cannot write ${at('full')} as no space is left there\n  hint: free some, or name a place elsewhere by --to` }, true]);
    assert.deepEqual(folder, { ok: false, why: `error: Cannot write ${at('data')} as it is a folder\n  hint: name a file in it by --to` });
  });
});

describe('the command', () => {
  test('takes the format from the name of the file and says how much it wrote', async (t) => {
    const { code, out } = await said(t, ['clean', '--to', at('c.parquet'), '--workspace', workspace]);
    assert.equal(code, 0);
    assert.equal(out, `2 rows of clean written to ${at('c.parquet')}`);
    assert.equal((await readParquet(at('c.parquet'))).ok, true);
  });

  test('refuses what it does not know, and shows how it is used', async (t) => {
    const { code, error } = await said(t, ['cleaned', '--to', 'x.csv']);
    assert.equal(code, 2);
    assert.match(error, /^error: Cannot export cleaned: name one of collect, clean, predictions\n\nUsage: pnpm data export/);
  });

  test('asks for a file and a format that it has', async (t) => {
    assert.match((await said(t, ['clean'])).error, /^error: Cannot export without a file: name it by --to/);
    assert.match((await said(t, ['clean', '--to', 'x.xlsx'])).error, /^error: Cannot export to x\.xlsx: the format must be one of csv, jsonl, parquet/);
    assert.match((await said(t, ['clean', '--into', 'x.csv'])).error, /Unknown option '--into'/);
  });

  test('says which stage has to run first', async (t) => {
    mkdirSync(at('empty'));
    const { code, error } = await said(t, ['predictions', '--to', at('x.csv'), '--workspace', at('empty')]);
    assert.equal(code, 1);
    assert.equal(error, 'error: Cannot read data/clean/reviews.csv as there is no such file\n  hint: run pnpm repro first, or name the workspace by --workspace');
  });

  test('says why a file cannot be written', async (t) => {
    const { code, error } = await said(t, ['collect', '--to', path.join(at('data/collect/reviews.csv'), 'x.csv'), '--workspace', workspace]);
    assert.equal(code, 1);
    assert.match(error, /^error: Cannot write .*x\.csv: E(NOTDIR|EXIST)/);
  });
});
