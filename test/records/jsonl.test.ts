import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { toJson } from '../../records/json.ts';
import { readJsonl, writeJsonl } from '../../records/jsonl.ts';
import { sentence } from '../../records/wording.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-jsonl-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = path.join(folder, 'rows.jsonl');

describe('JSON Lines', () => {
  test('values come back with their lines', () => {
    writeJsonl(file, [{ text: 'a\n"b"' }, null, [1]]);
    assert.equal(readFileSync(file, 'utf8'), '{"text":"a\\n\\"b\\""}\nnull\n[1]\n');
    assert.deepEqual(readJsonl(file), { ok: true, rows: [{ line: 1, value: { text: 'a\n"b"' } }, { line: 2, value: null }, { line: 3, value: [1] }] });
  });

  test('blank lines are passed over but counted', () => {
    writeFileSync(file, '\ufeff{"a":1}\r\n\n  \n{"a":2}');
    assert.deepEqual(readJsonl(file), { ok: true, rows: [{ line: 1, value: { a: 1 } }, { line: 4, value: { a: 2 } }] });
  });

  test('a line that was cut off is named', () => {
    writeFileSync(file, '{"a":1}\n{"a":"two');
    const read = readJsonl(file, 'reviews.jsonl');
    assert.ok(!read.ok);
    assert.match(sentence(read.problem).problem, /^Cannot read reviews\.jsonl as line 2 is malformed: Unterminated string in JSON/);
    assert.equal(sentence(read.problem).where, 'reviews.jsonl:2');
  });
});

describe('JSON for people', () => {
  test('has two spaces, keys in the order they have, and a newline at the end', () => {
    assert.equal(toJson({ b: 1, a: [true] }), '{\n  "b": 1,\n  "a": [\n    true\n  ]\n}\n');
  });
});
