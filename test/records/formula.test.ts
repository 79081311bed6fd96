import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import { createRandom } from '../../ml/random.ts';
import { writeRows } from '../../records/csv.ts';
import { readRows } from '../../records/read-csv.ts';
import { guard, unguard } from '../../schema/formula.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-formula-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = path.join(folder, 'rows.csv');

const Row = z.object({ text: z.string(), reply: z.string().nullable(), score: z.number() });

describe('text in a CSV that a spreadsheet would run', () => {
  test('is written behind an apostrophe', () => {
    assert.deepEqual(
      ['=1+1', '+62 812', '-5', '@SUM(A1)', '\tx', '\rx', '\nx', '＝1', "'=1", "''+1"].map(guard),
      ["'=1+1", "'+62 812", "'-5", "'@SUM(A1)", "'\tx", "'\rx", "'\nx", "'＝1", "''=1", "'''+1"],
    );
  });

  test('is written behind an apostrophe within a text, too, where spreadsheets part cells at semicolons or tabs', () => {
    assert.deepEqual(
      ['bagus;=HYPERLINK("x")', 'a;;+1', "a;'=1", 'a\t@x', 'a\n-1+cmd', 'a\r\n＝1', '\t=1', '=1;=2', 'mantap ;-)'].map(guard),
      ['bagus;\'=HYPERLINK("x")', "a;;'+1", "a;''=1", "a\t'@x", "a\n'-1+cmd", "a\r\n'＝1", "'\t'=1", "'=1;'=2", "mantap ;'-)"],
    );
    // As a spreadsheet reads it that knows semicolons alone, and quotes at the beginning of a cell.
    const texts = ['bagus;=HYPERLINK("http://x")', 'satu\n=1+1;+2', 'a\t=1', '=1;=2'];
    writeRows(file, Row, texts.map((text) => ({ text: `x, ${text}`, reply: text, score: 1 })));
    for (const cell of readFileSync(file, 'utf8').split(/[;\t\r\n]/)) assert.doesNotMatch(cell, /^"?[=+\-@]/);
  });

  test('is left alone where it is no formula', () => {
    for (const text of ['', 'bagus', "'", "'quoted'", "''", ' =1', 'a=b', '1-2', '"=1"', '👍', "'a=1", 'a; =1', 'a;b', 'x\ny', "a;'b", 'a,=1']) assert.equal(guard(text), text);
  });

  test('comes back exactly, whatever it is', () => {
    const random = createRandom('formula');
    const alphabet = ["'", "'", '=', '+', '-', '@', '\t', '\r', '\n', '＝', 'a', ' ', '"', ',', ';', ';'];
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from({ length: random.integer(7) }, () => random.pick(alphabet)).join('');
      assert.equal(unguard(guard(text)), text, JSON.stringify(text));
      assert.doesNotMatch(guard(text), /^[=+\-@\t\r\n＝]|[;\t\r\n][=+\-@＝]/);
    }
  });

  test('in a file no cell of text begins with a sign of a formula, and numbers stay numbers', () => {
    const rows = ['=HYPERLINK("http://x","y")', '-1', '@a,b', '\t=cmd|\' /C calc\'!A0', "'=2", "'", 'plain'].map((text) => ({ text, reply: text, score: -0.5 }));
    writeRows(file, Row, [...rows, { text: '', reply: null, score: -1 }]);
    assert.deepEqual(readRows(file, Row), { ok: true, rows: [...rows, { text: '', reply: null, score: -1 }] });
    const lines = readFileSync(file, 'utf8').split('\n');
    assert.equal(lines[1], `"'=HYPERLINK(""http://x"",""y"")","'=HYPERLINK(""http://x"",""y"")",-0.5`);
    for (const line of lines) assert.doesNotMatch(line, /^"?[=+\-@\t\r]/);
  });

  test('a text with a lone apostrophe before it, as another program wrote it, keeps it', () => {
    assert.equal(unguard("'tis"), "'tis");
    assert.equal(unguard("'=1"), '=1');
    assert.equal(unguard("''=1"), "'=1");
    assert.equal(unguard("a;'b'c;''=1"), "a;'b'c;'=1");
  });
});
