import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { decode, readText } from '../../records/text-file.ts';
import type { Encoding } from '../../records/text-file.ts';
import { sentence } from '../../records/wording.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-text-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const TEXT = 'kafé “mantap” 5€\n';
const LATIN = Buffer.from('kaf\xe9 \x93mantap\x94 5\x80\n', 'latin1');

function decoded(bytes: Uint8Array, encoding: Encoding): readonly string[] {
  const read = decode(bytes, 'f.csv', encoding);
  return read.ok ? [read.rows.text, read.rows.encoding] : [sentence(read.problem).problem];
}

describe('the bytes of a text file', () => {
  test('are read as the encoding that is named', () => {
    assert.deepEqual(decoded(Buffer.from(TEXT), 'utf-8'), [TEXT, 'utf-8']);
    assert.deepEqual(decoded(LATIN, 'windows-1252'), [TEXT, 'windows-1252']);
    assert.deepEqual(decoded(Buffer.from(`\ufeff${TEXT}`, 'utf16le'), 'utf-16le'), [TEXT, 'utf-16le']);
    assert.deepEqual(decoded(LATIN, 'utf-8'), ['Cannot read f.csv as byte 3 (line 1) is not UTF-8']);
  });

  test('tell their encoding where nobody names one', () => {
    assert.deepEqual(decoded(Buffer.from(`\ufeff${TEXT}👍`), 'auto'), [`${TEXT}👍`, 'utf-8']);
    assert.deepEqual(decoded(LATIN, 'auto'), [TEXT, 'windows-1252']);
    assert.deepEqual(decoded(Buffer.from(`\ufeff${TEXT}👍`, 'utf16le'), 'auto'), [`${TEXT}👍`, 'utf-16le']);
    assert.deepEqual(decoded(Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16(), 'auto'), [TEXT, 'utf-16be']);
  });

  test('of which some lines are UTF-8 and some are not are each read as what they are', () => {
    const both = Buffer.concat([Buffer.from('mantap 👍\n'), LATIN, Buffer.from('biasa\n'), Buffer.from('é\r\n'), Buffer.from([0xe9])]);
    assert.deepEqual(decoded(both, 'auto'), [`mantap 👍\n${TEXT}biasa\né\r\né`, 'mixed']);
    assert.deepEqual(decoded(Buffer.concat([Buffer.from('\ufeff'), LATIN]), 'auto'), [TEXT, 'mixed'], 'a mark says UTF-8, and is no letter');
    assert.deepEqual(decoded(both, 'utf-8'), ['Cannot read f.csv as byte 15 (line 2) is not UTF-8']);
  });

  test('are unpacked where the name ends in .gz', () => {
    writeFileSync(path.join(folder, 'f.csv.gz'), gzipSync(TEXT));
    assert.deepEqual(readText(path.join(folder, 'f.csv.gz')), { ok: true, rows: TEXT });
    writeFileSync(path.join(folder, 'cut.csv.gz'), gzipSync(TEXT).subarray(0, 20));
    const cut = readText(path.join(folder, 'cut.csv.gz'), 'cut.csv.gz');
    assert.match(cut.ok ? '' : sentence(cut.problem).problem, /^Cannot read cut\.csv\.gz: it cannot be unpacked \(/);
  });
});
