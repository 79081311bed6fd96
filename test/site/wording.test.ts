import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatOf } from '../../site/wording/format.ts';
import { wordings } from '../../site/wording/wordings.ts';

/** Every sentence by its path; functions are called with stand-ins for what they name. */
function sentences(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (typeof value === 'string') return new Map([[path, value]]);
  if (typeof value === 'function') return new Map([[path, String(value({ low: { share: 'x', month: 'x' }, high: { share: 'x', month: 'x' } }, 'x', 'x'))]]);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...sentences(inner, `${path}.${key}`)]));
}

/** Words that are the same in both languages, and names. */
const SAME = /^\.(pages|shortPages|estimators|notebooks|sources|footer\.dataset|model\.(recall|f1|accuracy)|model\.(features)|overview\.(label|ratings|stars)|try\.(exampleTexts|label|model))/;

describe('the wording', () => {
  const [indonesian, english] = [sentences(wordings.id), sentences(wordings.en)];

  test('has the same sentences in both languages, none of them empty', () => {
    assert.deepEqual([...indonesian.keys()].sort(), [...english.keys()].sort());
    for (const [key, text] of [...indonesian, ...english]) assert.notEqual(text.trim(), '', key);
  });

  test('long sentences are translated', () => {
    const same = [...english].filter(([key, text]) => !SAME.test(key) && text.length > 12 && indonesian.get(key) === text).map(([key]) => key);
    assert.deepEqual(same, []);
  });

  test('both languages name the same things: as many arguments in each', () => {
    const arity = (value: unknown): unknown => (typeof value === 'function' ? value.length : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, arity(inner)])) : 'text');
    assert.deepEqual(arity(wordings.id), arity(wordings.en));
  });
});

describe('numbers and dates', () => {
  const [id, en] = [formatOf('id'), formatOf('en')];

  test('counts, shares and scores', () => {
    assert.deepEqual([id.count(4000), en.count(4000)], ['4.000', '4,000']);
    assert.deepEqual([id.share(0.2345), en.share(0.2345)], ['23,5%', '23.5%']);
    assert.deepEqual([id.score(0.7), en.score(0.7)], ['0,700', '0.700']);
    assert.deepEqual([id.points(0.042), en.points(-0.042)], ['+4,2', '-4.2']);
    assert.deepEqual([id.seconds(1.25), en.seconds(1234.5)], ['1,3 dtk', '1,234.5 s']);
  });

  test('dates are in UTC and in the language', () => {
    assert.deepEqual([id.date('2026-05-03T23:59:59Z'), en.date('2026-05-03T23:59:59Z')], ['3 Mei 2026', '3 May 2026']);
    assert.deepEqual([id.month('2026-08'), en.month('2026-08')], ['Agustus 2026', 'August 2026']);
    assert.match(id.dateTime('2026-05-03T23:59:59Z'), /^3 Mei 2026, 23\.59 UTC$/);
  });

  test('what is no date is shown as it is', () => {
    assert.equal(en.date('soon'), 'soon');
  });
});
