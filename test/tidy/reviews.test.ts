import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parseCsv } from '../../records/parse-csv.ts';

const root = path.resolve(import.meta.dirname, '../..');
const REAL = path.resolve(root, '../shared/data/pintu-reviews.csv');
/** So long a run of characters is nobody else's. */
const PIECE = 30;

describe('what is committed', { skip: existsSync(REAL) ? false : `there are no real reviews to look for at ${REAL}` }, () => {
  test('holds no text of a real review', () => {
    const pieces = new Set<string>();
    const fault = parseCsv(readFileSync(REAL, 'utf8'), (cells, line) => {
      const text = line === 1 ? '' : (cells[1] ?? '').toLowerCase();
      for (let at = 0; at + PIECE <= text.length; at += PIECE) pieces.add(text.slice(at, at + PIECE));
    });
    assert.equal(fault, undefined);
    assert.ok(pieces.size > 1000);
    const listed = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).stdout.split('\0').filter((file) => file !== '' && existsSync(path.join(root, file)));
    assert.ok(listed.length > 100);
    const found: string[] = [];
    for (const file of listed) {
      const content = readFileSync(path.join(root, file), 'utf8').toLowerCase();
      // Every place of the file against every piece: a text is cut where it begins, a file is not.
      for (let at = 0; at + PIECE <= content.length; at++) if (pieces.has(content.slice(at, at + PIECE))) found.push(`${file}: ${content.slice(at, at + PIECE)}`);
    }
    assert.deepEqual(found, []);
  });
});
