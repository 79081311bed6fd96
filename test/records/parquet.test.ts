import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { z } from 'zod';
import { readParquet, writeParquet } from '../../records/parquet.ts';
import { sentence } from '../../records/wording.ts';
import { Instant } from '../../schema/app.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-parquet-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => path.join(folder, name);

const Row = z.object({ id: z.string(), at: Instant.nullable(), note: z.string().nullable(), count: z.number().int(), share: z.number().nullable(), open: z.boolean() });
const row = (changes: Partial<z.infer<typeof Row>>): z.infer<typeof Row> => ({ id: 'a', at: null, note: null, count: 0, share: null, open: false, ...changes });

describe('Parquet', () => {
  test('gives back what was written: nothing and empty, times, numbers, nasty text', async () => {
    const rows = [
      row({ id: '=1+1', note: '', count: -3, share: 1 / 3 }), row({ id: '👨\u200d👩\u200d👧', at: '2026-01-31T07:00:00Z', note: 'a,"b"\nc', open: true }), row({ id: 'null', note: 'NaN', share: 5e-324 }),
    ];
    writeParquet(at('rows.parquet'), Row, rows);
    assert.deepEqual(await readParquet(at('rows.parquet')), { ok: true, rows: { columns: ['id', 'at', 'note', 'count', 'share', 'open'], rows } });
  });

  test('the same rows give the same bytes', () => {
    const rows = Array.from({ length: 3000 }, (_, index) => row({ id: `r${index}`, count: index }));
    writeParquet(at('one.parquet'), Row, rows);
    writeParquet(at('two.parquet'), Row, rows);
    assert.deepEqual(readFileSync(at('one.parquet')), readFileSync(at('two.parquet')));
  });

  test('no rows keep their columns', async () => {
    writeParquet(at('none.parquet'), Row, []);
    assert.deepEqual(await readParquet(at('none.parquet')), { ok: true, rows: { columns: ['id', 'at', 'note', 'count', 'share', 'open'], rows: [] } });
  });

  test('of other programs is read whichever way it is packed, large integers as numbers, nested values as JSON', async () => {
    for (const [codec, pack] of [['GZIP', gzipSync], ['BROTLI', brotliCompressSync], ['SNAPPY', undefined], ['UNCOMPRESSED', undefined]] as const) {
      parquetWriteFile({
        filename: at('other.parquet'), codec, ...(pack === undefined ? {} : { compressors: { [codec]: (bytes: Uint8Array): Uint8Array => pack(bytes) } }),
        columnData: [{ name: 'n', data: [5n, 6n], type: 'INT64' }, { name: 'more', data: [{ a: 1 }, null], type: 'JSON' }, { name: 't', data: [new Date('2026-01-01T00:00:00.500Z'), null], type: 'TIMESTAMP' }],
      });
      assert.deepEqual(await readParquet(at('other.parquet')), {
        ok: true, rows: { columns: ['n', 'more', 't'], rows: [{ n: 5, more: '{"a":1}', t: '2026-01-01T00:00:00.500Z' }, { n: 6, more: null, t: null }] },
      }, codec);
    }
  });

  test('that is none, that was cut and that is not there are told apart', async () => {
    const why = async (name: string): Promise<string> => {
      const read = await readParquet(at(name), name);
      return read.ok ? 'read' : sentence(read.problem).problem;
    };
    writeFileSync(at('text.parquet'), 'id,text\na,b\n');
    writeFileSync(at('empty.parquet'), '');
    writeParquet(at('whole.parquet'), Row, [row({})]);
    writeFileSync(at('cut.parquet'), readFileSync(at('whole.parquet')).subarray(0, 100));
    assert.match(await why('text.parquet'), /^Cannot read text\.parquet: .*parquet/);
    assert.match(await why('cut.parquet'), /^Cannot read cut\.parquet: .*parquet/);
    assert.equal(await why('empty.parquet'), 'Cannot read empty.parquet as it is empty');
    assert.equal(await why('absent.parquet'), 'Cannot read absent.parquet as there is no such file');
  });
});
