import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { writeRows } from '../../../records/csv.ts';
import { QualityReport } from '../../../schema/quality.ts';
import { Review } from '../../../schema/review.ts';
import { impossibleDates } from '../../../stages/dates/impossible.ts';
import { run as validate } from '../../../stages/validate.ts';
import { stageRig } from '../context.ts';
import type { Rig } from '../context.ts';

const DAY_MS = 86_400_000;
/** So many days after 5 January 2026, at ten in the morning. */
const day = (after: number): string => new Date(Date.UTC(2026, 0, 5, 10) + after * DAY_MS).toISOString().replace('.000Z', 'Z');
const days = (from: number, count: number): readonly string[] => Array.from({ length: count }, (_, index) => day(from + index));
const found = (dates: readonly (string | null)[]): readonly (string | null)[] => dates.filter((_, index) => impossibleDates(dates)[index]);

const STEADY = days(0, 300);

describe('dates that cannot be', () => {
  test('are those before Google Play, and single ones far beyond all others', () => {
    assert.deepEqual(found([...STEADY, '2007-12-31T00:00:00Z', '2031-05-01T00:00:00Z', null]), ['2007-12-31T00:00:00Z', '2031-05-01T00:00:00Z']);
    assert.deepEqual(found([...STEADY, day(300 + 400), day(300 + 401)]), [day(700), day(701)], 'two days, more than a year later');
    assert.deepEqual(found([...STEADY, day(300 + 360)]), []);
    assert.deepEqual(found(['2031-05-01T00:00:00Z', '2031-05-02T00:00:00Z']), []);
  });

  test('are not those of an app that was silent for more than a year and has come back', () => {
    const back = days(300 + 13 * 30, 6);
    assert.deepEqual(found([...STEADY, ...back]), []);
    assert.deepEqual(found([...STEADY, ...back, '2041-01-01T00:00:00Z']), ['2041-01-01T00:00:00Z'], 'a slip of the pen among them is one');
    assert.deepEqual(found([...STEADY, ...Array.from({ length: 6 }, () => day(700))]), Array.from({ length: 6 }, () => day(700)), 'all of one day are no come-back');
    assert.deepEqual(found([...STEADY, day(700), '2031-05-01T00:00:00Z', '2037-05-01T00:00:00Z']), [day(700), '2031-05-01T00:00:00Z', '2037-05-01T00:00:00Z'], 'slips of other years are no days of it');
  });

  test('are those of several days after more than three years, and of many after more than ten', () => {
    const late = days(300 + 4 * 366, 6);
    assert.deepEqual(found([...STEADY, ...late]), late);
    const many = days(300 + 4 * 366, 100);
    assert.deepEqual(found([...STEADY, ...many]), []);
    const tooLate = days(300 + 11 * 366, 100);
    assert.deepEqual(found([...STEADY, ...tooLate]), tooLate);
  });
});

describe('the quality of data with odd dates', () => {
  let rig: Rig;
  beforeEach(() => (rig = stageRig()));
  afterEach(() => rig.remove());

  async function judged(dates: readonly (string | null)[]): Promise<QualityReport> {
    const rows = dates.map((at, index): Review => ({ app: 'com.valar.pintu', id: `r${index}`, at, rating: 1 + (index % 5), text: `aplikasi ini nomor ${index} dan seterusnya`, thumbsUp: 0, version: null, reply: null, repliedAt: null, source: 'sample', author: null }));
    writeRows(rig.context('validate').path('data/collect/reviews.csv'), Review, rows);
    await rig.run('validate', validate, { collect: { app: 'com.valar.pintu' } });
    return QualityReport.parse(rig.json('reports/quality.json'));
  }
  const failed = ({ checks }: QualityReport): Readonly<Record<string, number>> => Object.fromEntries(checks.filter(({ rows }) => rows > 0).map(({ rule, rows }) => [rule, rows]));
  // Twenty a day, and far fewer in the last two weeks.
  const QUIET = Array.from({ length: 84 }, (_, index) => Array.from({ length: index < 70 || index === 83 ? 20 : 2 }, () => day(index))).flat();

  test('counts days without those that cannot be: one row of 2031 hides no quiet days, makes no gap and is not the newest', async () => {
    const without = await judged(QUIET);
    const report = await judged([...QUIET, '2031-05-01T00:00:00Z', null]);
    assert.equal(failed(without)['quiet-day'], 13);
    assert.deepEqual(failed(report), { ...failed(without), 'future-date': 1, 'missing-date': 1 });
    assert.deepEqual([report.volume, report.newest], [without.volume, without.newest]);
  });

  test('lets an app that came back after thirteen months through', async () => {
    const report = await judged([...STEADY, ...days(300 + 13 * 30, 6)]);
    assert.equal(failed(report)['future-date'], undefined);
    assert.equal(report.passed, true, JSON.stringify(report.checks.filter(({ passed }) => !passed)));
  });
});
