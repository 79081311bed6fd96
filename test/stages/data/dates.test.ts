import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../../ml/random.ts';
import { inOrder } from '../../../stages/collect/order.ts';
import { millisecondsOf, parseInstant } from '../../../stages/dates/instant.ts';
import { parseDates } from '../../../stages/dates/local.ts';

const one = (text: string): string | null => parseDates([text]).instants[0] ?? null;

describe('a date', () => {
  test('as programs write it', () => {
    const expected: readonly (readonly [string, string | null])[] = [
      ['2025-12-08', '2025-12-08T00:00:00Z'], ['2025-12-08 10:00:00', '2025-12-08T10:00:00Z'], ['2025-12-08T10:00:00.923821+07:00', '2025-12-08T03:00:00Z'],
      ['2025-12-08 10:00:00 UTC', '2025-12-08T10:00:00Z'], ['1765188000', '2025-12-08T10:00:00Z'], ['1765188000123', '2025-12-08T10:00:00Z'], ['2025-02-31', null], ['2025-12-08 25:00', null],
      ['2024-02-29', '2024-02-29T00:00:00Z'], ['2023-02-29', null], ['45999', null], ['yesterday', null], ['', null], ['2025-12-31 23:59:59', '2025-12-31T23:59:59Z'], ['2025-11-31 10:00:00', null],
      ['2025-12-08 10:00:61', null], ['2025-1a-08 10:00:00', null], ['0000-12-08 10:00:00', '0000-12-08T10:00:00Z'],
      // As PostgreSQL, pandas, Python's logging and people write it.
      ['2025-12-07 08:10:14+07', '2025-12-07T01:10:14Z'], ['2025-12-07 08:10:14.123456-03', '2025-12-07T11:10:14Z'], ['2025-12-07 08:10:14+05:30', '2025-12-07T02:40:14Z'],
      ['2025-12-7', '2025-12-07T00:00:00Z'], ['2025-1-7 8:05', '2025-01-07T08:05:00Z'], ['2025-12-07 08:10:14,123', '2025-12-07T08:10:14Z'],
      ['2025-12-07 08:10:14 WIB', '2025-12-07T01:10:14Z'], ['2025-12-07 08:10:14 wita', '2025-12-07T00:10:14Z'], ['2025-12-07T08:10 WIT', '2025-12-06T23:10:00Z'],
      ['2025-12-07 08:10:14 GMT+7', '2025-12-07T01:10:14Z'], ['2025-12-07 08:10:14 UTC+07:00', '2025-12-07T01:10:14Z'], ['2025-12-07 08:10:14 gmt-0330', '2025-12-07T11:40:14Z'],
      ['1765188000123456', '2025-12-08T10:00:00Z'], ['1765188000123456789', '2025-12-08T10:00:00Z'], ['1765188000.5', '2025-12-08T10:00:00Z'], ['17651880001234', null], ['2025-12-32', null], ['2025-13-1', null],
    ];
    for (const [text, instant] of expected) assert.equal(parseInstant(text), instant, text);
  });

  test('with the name of its month, in Indonesian and English', () => {
    const expected: readonly (readonly [string, string | null])[] = [
      ['8 Desember 2025', '2025-12-08T00:00:00Z'], ['08 Des 2025 22.15', '2025-12-08T22:15:00Z'], ['Senin, 8 Agustus 2022 pukul 07.30 WIB', '2022-08-08T00:30:00Z'], ['Dec 8, 2025', '2025-12-08T00:00:00Z'],
      ['December 8, 2025 at 10:05 PM', '2025-12-08T22:05:00Z'], ['Mon, 08 Dec 2025 10:00:00 GMT', '2025-12-08T10:00:00Z'], ['1st May 2024', '2024-05-01T00:00:00Z'], ['17-Mei-2024', '2024-05-17T00:00:00Z'],
      ['12 AM', null], ['8 Dezember 2025', null], ['31 Februari 2025', null], ['Dec 8, 2025 13:00 PM', null], ['Jan 5, 2025 12:10 AM', '2025-01-05T00:10:00Z'],
      ['07-Dec-25', '2025-12-07T00:00:00Z'], ['7 Des 25 08.10 WIB', '2025-12-07T01:10:00Z'], ['07/Dec/2025:08', null], ['07/Dec/2025', '2025-12-07T00:00:00Z'], ['8 Desember 2025 08:10 GMT+7', '2025-12-08T01:10:00Z'],
    ];
    for (const [text, instant] of expected) assert.equal(one(text), instant, text);
  });

  test('in numbers, where it says itself which is the month', () => {
    assert.equal(one('2025/12/08 10:00'), '2025-12-08T10:00:00Z');
    assert.equal(one('8.12.2025'), '2025-12-08T00:00:00Z');
    assert.equal(one('25/12/2025 7:05:09'), '2025-12-25T07:05:09Z');
    assert.equal(one('12/25/2025, 7:05 PM'), '2025-12-25T19:05:00Z');
    assert.equal(one('5/5/2025'), '2025-05-05T00:00:00Z');
    assert.equal(one('8/12-2025'), null);
    assert.equal(one('13/13/2025'), null);
    assert.equal(one('25/12/25'), '2025-12-25T00:00:00Z');
    assert.equal(one('12/25/25 7:05 PM'), '2025-12-25T19:05:00Z');
    assert.equal(one('8.12.25'), '2025-12-08T00:00:00Z');
    assert.equal(one('2025.12.8 10:00 WIB'), '2025-12-08T03:00:00Z');
    assert.equal(one('8/12/025'), null);
  });
});

describe('a column of dates', () => {
  test('is read by the order that one of its dates shows', () => {
    assert.deepEqual(parseDates(['8/12/2025', null, '13/1/2025']), { instants: ['2025-12-08T00:00:00Z', null, '2025-01-13T00:00:00Z'], undecided: 0 });
    assert.deepEqual(parseDates(['8/12/25', '13/1/25']), { instants: ['2025-12-08T00:00:00Z', '2025-01-13T00:00:00Z'], undecided: 0 });
    assert.deepEqual(parseDates(['8/12/2025', '1/13/2025']), { instants: ['2025-08-12T00:00:00Z', '2025-01-13T00:00:00Z'], undecided: 0 });
  });

  test('that shows no order, or both, leaves the doubtful ones out and counts them', () => {
    assert.deepEqual(parseDates(['8/12/2025', '5/5/2025', '2025-01-01']), { instants: [null, '2025-05-05T00:00:00Z', '2025-01-01T00:00:00Z'], undecided: 1 });
    assert.deepEqual(parseDates(['8/12/2025', '13/1/2025', '1/13/2025']), { instants: [null, '2025-01-13T00:00:00Z', '2025-01-13T00:00:00Z'], undecided: 1 });
  });
});

describe('an instant as a number', () => {
  test('is what the engine makes of it, in every month of every kind of year and where it is none', () => {
    const random = createRandom('instants');
    for (let round = 0; round < 20_000; round++) {
      const at = `${new Date(random.integer(4_000_000_000) * 1000 - 1_000_000_000_000).toISOString().slice(0, 19)}Z`;
      assert.equal(millisecondsOf(at), Date.parse(at), at);
    }
    for (const at of ['0000-01-01T00:00:00Z', '1900-02-28T23:59:59Z', '2000-02-29T12:00:00Z', '2024-02-29T00:00:00Z', '9999-12-31T23:59:59Z', '2025-13-01T00:00:00Z', '2025-12-07 08:10:14', '2025-12-07 08:10:14Z', 'no date', '']) {
      assert.equal(millisecondsOf(at), Date.parse(at), at);
    }
  });
});

describe('the order of reviews', () => {
  const review = (at: string | null, id: string) => ({ app: 'a.b', id, at, rating: 5, text: '', thumbsUp: 0, version: null, reply: null, repliedAt: null, source: 'file', author: null }) as const;
  const plainly = <R extends { readonly at: string | null; readonly id: string }>(reviews: readonly R[]): readonly R[] => reviews.toSorted((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : (a.at ?? '') > (b.at ?? '') ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

  test('is by time and id, those without a time first, whatever the times are', () => {
    const random = createRandom('order');
    const times = [null, '1969-12-31T23:59:59Z', '1970-01-01T00:00:00Z', '2024-02-29T10:00:00Z', '2024-03-01T10:00:00Z', '2024-03-31T10:00:00Z', '2260-01-01T00:00:00Z', '9999-12-31T23:59:59Z'];
    for (const known of [times, times.slice(0, 1), times.slice(2, 6), [null, ...times.slice(2, 6)]]) {
      for (let round = 0; round < 50; round++) {
        const reviews = Array.from({ length: random.integer(40) }, () => review(random.pick(known), `r${random.integer(1000)}`));
        assert.deepEqual(inOrder(reviews), plainly(reviews));
      }
    }
  });
});
