import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { createRandom } from '../../ml/random.ts';
import { toCsv, writeRows } from '../../records/csv.ts';
import { readColumns, readRows } from '../../records/read-csv.ts';
import { guard } from '../../schema/formula.ts';
import { sentence } from '../../records/wording.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-csv-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => path.join(folder, name);

const Row = z.object({ id: z.string(), note: z.string().nullable(), count: z.number().int(), share: z.number().nullable(), open: z.boolean() });
type Row = z.infer<typeof Row>;

const row = (changes: Partial<Row>): Row => ({ id: 'a', note: null, count: 0, share: null, open: false, ...changes });

/** What reviews hold in life, and what was built to break readers. */
const NASTY = [
  '', ' ', '  padded  ', '"', '""', '"quoted"', 'a,b', 'line\nline', 'line\r\nline', '\r', '\n', 'tab\there', ',', '=1+1', '+62', '-5', '@a', "'", '\ufeffmark', '\u202Eright to left\u202C',
  '👨\u200d👩\u200d👧\u200d👦', '👍🏽', 'a\u0300\u0301', '\u0007\u001b', '\u2028\u2029', 'null', 'NaN', '0', '1e5', 'true', '\\', '\\n', '#', ';', 'مرحبا', 'とても', '<script>', '𝗯𝗮𝗴𝘂𝘀',
];

/** The text of the failure of reading `content` as rows of the schema above. */
function failure(name: string, content: string | Uint8Array): ReturnType<typeof sentence> {
  writeFileSync(at(name), content);
  const read = readRows(at(name), Row, `data/${name}`);
  assert.ok(!read.ok);
  return sentence(read.problem);
}

describe('rows in a CSV', () => {
  test('every text comes back as it was, also where it is nothing or empty', () => {
    const rows = [...NASTY.map((text) => row({ id: text, note: text })), row({ note: null }), row({ note: '' })];
    writeRows(at('nasty.csv'), Row, rows);
    const read = readRows(at('nasty.csv'), Row);
    assert.deepEqual(read, { ok: true, rows });
  });

  test('random texts of nasty characters come back, and another reader reads the same', () => {
    const random = createRandom('csv');
    const alphabet = ['"', ',', '\n', '\r', ' ', 'a', 'é', '😀', "'", '\t', ';', '\\'];
    const rows = Array.from({ length: 500 }, () => {
      const text = (): string => Array.from({ length: random.integer(8) }, () => random.pick(alphabet)).join('');
      return row({ id: `x${text()}`, note: random.next() < 0.3 ? null : text(), count: random.integer(1e9), share: random.next() < 0.2 ? null : random.next() ** 20, open: random.next() < 0.5 });
    });
    writeRows(at('random.csv'), Row, rows);
    assert.deepEqual(readRows(at('random.csv'), Row), { ok: true, rows });
    const oracle = parse(readFileSync(at('random.csv')), { columns: true, record_delimiter: '\n' }) as readonly { id: string; note: string }[];
    assert.deepEqual(oracle.map(({ id, note }) => [id, note]), rows.map(({ id, note }) => [guard(id), guard(note ?? '')]));
  });

  test('by columns they are what they are by rows; columns that nobody asks for are passed over, whatever is in them', () => {
    const rows = NASTY.map((text, index) => row({ id: text, note: index % 3 === 0 ? null : text, count: index, share: index / 7 }));
    writeRows(at('columns.csv'), Row, rows);
    const read = readColumns(at('columns.csv'), Row.pick({ note: true, count: true }));
    assert.deepEqual(read, { ok: true, rows: { rows: rows.length, columns: { note: rows.map(({ note }) => note), count: rows.map(({ count }) => count) } } });
    writeFileSync(at('columns.csv'), 'id,note,count,share,open\na,"x\ny",1,no number,no\n');
    assert.deepEqual(readColumns(at('columns.csv'), Row.pick({ id: true, count: true })), { ok: true, rows: { rows: 1, columns: { id: ['a'], count: [1] } } });
    const broken = readColumns(at('columns.csv'), Row, 'data/columns.csv');
    assert.deepEqual(broken, { ok: false, problem: { kind: 'value', file: 'data/columns.csv', line: 3, column: 'share', seen: 'no number', expected: 'a number' } });
    writeFileSync(at('columns.csv'), 'id,note,count,share,open\n');
    assert.deepEqual(readColumns(at('columns.csv'), Row.pick({ id: true })), { ok: true, rows: { rows: 0, columns: { id: [] } } });
  });

  test('rows larger than a block, and many that fill it to its end, are written whole', () => {
    const texts = ['x'.repeat(3_000_000), '😀'.repeat(400_000), ...Array.from({ length: 5000 }, (_, index) => 'é'.repeat(index % 997)), 'z'.repeat(349_525), 'end'];
    writeRows(at('large.csv'), Row.pick({ id: true }), texts.map((id) => ({ id })));
    const read = readColumns(at('large.csv'), Row.pick({ id: true }));
    assert.ok(read.ok && read.rows.columns.id.every((id, index) => id === texts[index]) && read.rows.rows === texts.length);
  });

  test('numbers come back to the last bit', () => {
    const shares = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, -1e-7, 123456789012345680];
    writeRows(at('numbers.csv'), Row, shares.map((share) => row({ share })));
    const read = readRows(at('numbers.csv'), Row);
    assert.deepEqual(read.ok && read.rows.map(({ share }) => share), shares);
  });

  test('the bytes are stable: columns as in the schema, LF, quotes only where needed', () => {
    const text = toCsv(['id', 'note', 'count'], [row({ id: 'a b', note: 'x,"y"', count: 3 }), row({ id: '', note: null, count: -1 })]);
    assert.equal(text, 'id,note,count\na b,"x,""y""",3\n"",,-1\n');
  });

  test('no rows are a header and nothing else', () => {
    writeRows(at('none.csv'), Row, []);
    assert.equal(readFileSync(at('none.csv'), 'utf8'), 'id,note,count,share,open\n');
    assert.deepEqual(readRows(at('none.csv'), Row), { ok: true, rows: [] });
  });

  test('a byte order mark, CRLF and columns in another order make no difference', () => {
    writeFileSync(at('windows.csv'), '\ufeffopen,share,count,note,id\r\ntrue,0.5,2,n,a\r\nfalse,,3,,b\r\n');
    assert.deepEqual(readRows(at('windows.csv'), Row), { ok: true, rows: [row({ open: true, share: 0.5, count: 2, note: 'n' }), row({ id: 'b', count: 3 })] });
  });

  test('line ends of two kinds in one file are understood', () => {
    writeFileSync(at('mixed.csv'), 'id,note,count,share,open\na,n,1,,true\r\nb,"x\r\ny",2,,false\n');
    assert.deepEqual(readRows(at('mixed.csv'), Row), { ok: true, rows: [row({ note: 'n', count: 1, open: true }), row({ id: 'b', note: 'x\r\ny', count: 2 })] });
  });
});

describe('a CSV that cannot be read', () => {
  const HEADER = 'id,note,count,share,open\n';

  test('that is not there', () => {
    const read = readRows(at('absent.csv'), Row, 'data/absent.csv');
    assert.ok(!read.ok);
    assert.deepEqual(sentence(read.problem), {
      problem: 'Cannot read data/absent.csv as there is no such file', where: 'data/absent.csv', remedy: 'check the path, or let the stage that writes it run',
    });
  });

  test('that is a folder', () => {
    const read = readRows(folder, Row, 'data');
    assert.equal(read.ok ? '' : read.problem.kind, 'unreadable');
  });

  test('that is empty', () => {
    assert.equal(failure('empty.csv', '').problem, 'Cannot read data/empty.csv as it is empty');
    assert.equal(failure('blank.csv', '\n\n').problem, 'Cannot read data/blank.csv as it is empty');
  });

  test('that is not UTF-8 names the byte and the line', () => {
    const bytes = Buffer.concat([Buffer.from(`${HEADER}a,n,1,,true\nb,caf`), Buffer.from([0xe9]), Buffer.from(',2,,true\n')]);
    assert.deepEqual(failure('latin.csv', bytes), {
      problem: 'Cannot read data/latin.csv as byte 42 (line 3) is not UTF-8', where: 'data/latin.csv:3', remedy: 'save the file as UTF-8',
    });
    assert.equal(failure('utf16.csv', Buffer.from(`\ufeff${HEADER}`, 'utf16le')).problem, 'Cannot read data/utf16.csv as byte 0 (line 1) is not UTF-8');
  });

  test('whose last quote was cut off names the line where it opens', () => {
    const { problem, where } = failure('cut.csv', `${HEADER}a,n,1,,true\nb,"this is cut\noff\nhere`);
    assert.equal(problem, 'Cannot read data/cut.csv as line 3 is malformed: a quote is not closed');
    assert.equal(where, 'data/cut.csv:3');
  });

  test('with text after a closing quote', () => {
    assert.equal(failure('after.csv', `${HEADER}a,"n"x,1,,true\n`).problem, 'Cannot read data/after.csv as line 2 is malformed: text follows a closing quote');
  });

  test('with a quote in the middle of a cell', () => {
    assert.equal(failure('middle.csv', `${HEADER}a,n,1,,true\na,n"x,1,,true\n`).problem, 'Cannot read data/middle.csv as line 3 is malformed: a quote stands in the middle of a cell');
  });

  test('with a row that is too short or too long', () => {
    assert.equal(failure('short.csv', `${HEADER}a,"n\nn",1,,true\na,n,1\n`).problem, 'Cannot read data/short.csv as line 4 is malformed: it has more or fewer cells than the header');
    assert.equal(failure('long.csv', `${HEADER}a,n,1,,true,,\n`).where, 'data/long.csv:2');
  });

  test('without a column that the schema asks for, with the nearest name that it has', () => {
    assert.equal(
      failure('renamed.csv', 'id,notes,count,share,open\na,n,1,,true\n').problem,
      'Cannot read data/renamed.csv as it has no column "note" (did you mean "notes"?); its columns are id, notes, count, share, open',
    );
    assert.equal(failure('missing.csv', 'id,note,count,open\n').problem, 'Cannot read data/missing.csv as it has no column "share"; its columns are id, note, count, open');
  });

  test('with a word where a number must be', () => {
    assert.deepEqual(failure('word.csv', `${HEADER}a,n,1,,true\nb,n,many,,true\n`), {
      problem: 'Cannot read data/word.csv as line 3 has "many" as "count", which must be a number', where: 'data/word.csv:3', remedy: 'mend the value, or let the stage that writes the file run again',
    });
    assert.match(failure('nan.csv', `${HEADER}a,n,NaN,,true\n`).problem, /line 2 has "NaN" as "count"/);
    assert.match(failure('void.csv', `${HEADER}a,n,,,true\n`).problem, /line 2 has "" as "count", which must be a number$/);
    assert.match(failure('yes.csv', `${HEADER}a,n,1,,yes\n`).problem, /line 2 has "yes" as "open", which must be true or false$/);
  });
});
