import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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
    const { code, error } = await said(t, ['predictions', '--to', at('x.csv'), '--workspace', at('nowhere')]);
    assert.equal(code, 1);
    assert.equal(error, 'error: Cannot read data/clean/reviews.csv as there is no such file\n  hint: run pnpm repro first, or name the workspace by --workspace');
  });

  test('says why a file cannot be written', async (t) => {
    const { code, error } = await said(t, ['collect', '--to', path.join(at('data/collect/reviews.csv'), 'x.csv'), '--workspace', workspace]);
    assert.equal(code, 1);
    assert.match(error, /^error: Cannot write .*x\.csv: E(NOTDIR|EXIST)/);
  });
});
