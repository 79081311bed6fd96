import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CsvError, parse } from 'csv-parse/sync';
import { createRandom } from '../../ml/random.ts';
import { parseCsv } from '../../records/parse-csv.ts';
import type { Cells } from '../../records/parse-csv.ts';

interface Outcome {
  readonly records: readonly Cells[];
  readonly fault: string | undefined;
}

const WHY: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is not closed',
  CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quote',
  INVALID_OPENING_QUOTE: 'a quote stands in the middle of a cell',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'it has more or fewer cells than the header',
};

function ours(text: string, separator = ','): Outcome & { readonly lines: readonly number[]; readonly line: number | undefined } {
  const records: Cells[] = [];
  const lines: number[] = [];
  const fault = parseCsv(text, (cells, line) => {
    records.push(cells);
    lines.push(line);
  }, { separator });
  return { records, lines, fault: fault?.why, line: fault?.line };
}

/** What csv-parse makes of the same text: the records before the fault, and the fault. */
function oracle(text: string, separator = ','): Outcome {
  const records: Cells[] = [];
  try {
    parse(text, {
      skip_empty_lines: true,
      delimiter: separator,
      record_delimiter: ['\r\n', '\n'],
      cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
      on_record: (record: Cells) => {
        records.push(record);
        return null;
      },
    });
    return { records, fault: undefined };
  } catch (error) {
    assert.ok(error instanceof CsvError, String(error));
    return { records, fault: WHY[error.code] };
  }
}

describe('the CSV reader', () => {
  test('reads, or refuses, random texts as csv-parse does', () => {
    const random = createRandom('parse-csv');
    const pieces = ['"', '"', '""', ',', ',', '\n', '\r\n', '\r', 'a', 'b c', ' ', '😀', "'", '"x"', '"x\ny",', '\ufeff', '\t', ',"",'];
    const met = new Map<string, number>();
    for (let round = 0; round < 20_000; round++) {
      const text = `a${Array.from({ length: random.integer(12) }, () => random.pick(pieces)).join('')}`;
      const { records, fault } = ours(text);
      assert.deepEqual({ records, fault }, oracle(text), JSON.stringify(text));
      met.set(fault ?? 'read', (met.get(fault ?? 'read') ?? 0) + 1);
    }
    for (const kind of ['read', ...Object.values(WHY)]) assert.ok((met.get(kind) ?? 0) > 100, `${kind}: ${met.get(kind)}`);
  });

  test('does so with another sign between cells', () => {
    const random = createRandom('separators');
    for (const separator of [';', '\t', '|']) {
      const pieces = ['"', '""', separator, separator, ',', ';', '\n', '\r\n', 'a', '1', ' ', '😀', '"x"', `"x${separator}y"`];
      for (let round = 0; round < 3000; round++) {
        const text = `a${Array.from({ length: random.integer(12) }, () => random.pick(pieces)).join('')}`;
        const { records, fault } = ours(text, separator);
        assert.deepEqual({ records, fault }, oracle(text, separator), JSON.stringify(text));
      }
    }
  });

  test('reads what random cells are written as', () => {
    const random = createRandom('cells');
    const alphabet = ['"', ',', '\n', '\r', '\r\n', ' ', 'a', 'é', '😀', '\0', '\ud83d'];
    for (let round = 0; round < 500; round++) {
      const width = 1 + random.integer(4);
      const cell = (): string => Array.from({ length: random.integer(6) }, () => random.pick(alphabet)).join('');
      const rows = Array.from({ length: 1 + random.integer(6) }, () => Array.from({ length: width }, cell));
      const text = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')).join('\n');
      assert.deepEqual(ours(text).records, rows);
    }
  });

  test('tells a cell that is empty from one that is quoted and empty', () => {
    assert.deepEqual(ours('a,b,c\n,"",\n').records, [['a', 'b', 'c'], [null, '', null]]);
    assert.deepEqual(ours('a\n""\n').records, [['a'], ['']]);
  });

  test('passes over empty lines, at the end of a file and in it, and counts them', () => {
    const { records, lines } = ours('\r\na,b\n\n\n1,"x\ny"\r\n\r\n2,z\n\n');
    assert.deepEqual(records, [['a', 'b'], ['1', 'x\ny'], ['2', 'z']]);
    assert.deepEqual(lines, [2, 6, 8]);
  });

  test('names the line on which it gives up', () => {
    assert.equal(ours('a,b\n\n"x\ny",1\n\n"z\n\n').line, 6, 'the record that is never closed begins there');
    assert.equal(ours('a,b\n"x\ny"z,1\n').line, 3);
    assert.equal(ours('a,b\nx,y"\n').line, 2);
    assert.equal(ours('a,b\n1,"x\r\ny"\n2\n').line, 4, 'a line end of two characters is one line');
  });

  test('a comma at the very end opens one more cell', () => {
    assert.deepEqual(ours('a,b\n1,').records, [['a', 'b'], ['1', null]]);
  });
});
