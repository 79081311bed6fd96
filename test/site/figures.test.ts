import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { layOut } from '../../site/figures/cloud.ts';
import { judge, monthsOf, ratingCounts, tally } from '../../site/figures/tally.ts';
import { recent } from '../../site/figures/window.ts';
import { keywords, themes } from '../../ml/text/themes.ts';
import { csvCell, toSafeCsv } from '../../site/downloads.ts';
import { reasonText } from '../../site/src/reasons.ts';
import { wordings } from '../../site/wording/wordings.ts';
import { makeReviews } from '../fixtures/site/workspace.ts';

const judged = judge(makeReviews(), new Map());

describe('what is counted', () => {
  test('labels, stars and months add up to all reviews', () => {
    const all = tally(judged);
    assert.equal(all.labels.negative + all.labels.neutral + all.labels.positive, judged.length);
    assert.equal(ratingCounts(judged).reduce((sum, { reviews }) => sum + reviews, 0), judged.length);
    assert.equal(monthsOf('a.b', judged).reduce((sum, { reviews }) => sum + reviews, 0), judged.length);
  });

  test('nothing counted has a share of 0 and no rating, never NaN', () => {
    assert.deepEqual(tally([]), { reviews: 0, labels: { negative: 0, neutral: 0, positive: 0 }, negativeShare: 0, rating: null });
    assert.equal(recent([]), null);
  });

  test('new is the last 30 days of the data, compared with the 30 before where there are any', () => {
    const window = recent(judged);
    assert.ok(window !== null && window.before !== null);
    assert.equal(window.until, judged.at(-1)?.review.at);
    assert.equal((Date.parse(window.until) - Date.parse(window.from)) / 86_400_000, 30);
    assert.equal(recent(judged.slice(0, 10))?.before, null);
  });

  test('the label of the model wins over that of the stars', () => {
    const [review] = makeReviews();
    assert.ok(review !== undefined);
    const prediction = { app: review.app, id: review.id, version: 'v', label: 'neutral' as const, negative: 0.1, neutral: 0.7, positive: 0.2 };
    assert.deepEqual(judge([review], new Map([[review.id, prediction]])).map(({ label, confidence }) => [label, confidence]), [['neutral', 0.7]]);
  });
});

describe('typical words', () => {
  const group = ['verifikasi gagal', 'verifikasi wajah', 'verifikasi wajah tidak bisa', 'banget jelek', 'jelek', 'jelek'];
  const rest = ['bagus cepat', 'cepat mudah', 'bagus', 'verifikasi cepat', 'aplikasi bagus', 'mudah'];

  test('stand out from the rest, and no stopword is among them', () => {
    assert.deepEqual(keywords(group, rest, 9).map(({ word, reviews }) => `${word} ${reviews}`), ['jelek 3', 'wajah 2', 'verifikasi 3']);
  });

  test('a theme names a thing: words that only judge are left out, as are words of few reviews', () => {
    const [many = [], others = []] = [group, rest].map((texts) => Array.from({ length: 12 }, () => texts).flat());
    assert.deepEqual(themes(many, others, 1).map(({ word, reviews }) => [word, reviews]), [['verifikasi', 36]]);
    assert.deepEqual(themes(['sekali saja'], rest, 5), []);
  });

  test('no group, no words', () => {
    assert.deepEqual(keywords([], rest, 5), []);
  });
});

describe('the word cloud', () => {
  const words = Array.from({ length: 60 }, (_, index) => ({ word: `kata${'x'.repeat(index % 9)}${index}`, reviews: 200 - index * 3, score: 1 }));
  const cloud = layOut(words);

  test('has every word, at the same place each time', () => {
    assert.equal(cloud.words.length, 60);
    assert.deepEqual(layOut(words.toReversed()), cloud);
  });

  test('no two words overlap, and all are inside', () => {
    const boxOf = ({ word, x, y, size }: (typeof cloud.words)[number]) => ({ left: x - (word.length * size * 0.6) / 2, right: x + (word.length * size * 0.6) / 2, top: y - size / 2, bottom: y + size / 2 });
    const boxes = cloud.words.map(boxOf);
    for (const [index, a] of boxes.entries()) {
      assert.ok(a.left >= 0 && a.right <= cloud.width && a.top >= 0 && a.bottom <= cloud.height, `word ${index}`);
      for (const b of boxes.slice(index + 1)) assert.ok(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top);
    }
  });

  test('a huge word is set small enough to fit', () => {
    const { words: [huge], width } = layOut([{ word: 'a'.repeat(300), reviews: 9, score: 1 }]);
    assert.ok(huge !== undefined && huge.size * 300 * 0.6 <= width);
    assert.deepEqual(layOut([]).words, []);
  });
});

describe('cells of a download', () => {
  test('that a spreadsheet would run get an apostrophe', () => {
    assert.deepEqual(['=1+1', '+1', '-1', '@x', '\tx', '＝1', 'a;=1'].map(csvCell), ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'＝1", "a;'=1"]);
  });

  test('numbers stay numbers, quotes are doubled, nothing is nothing', () => {
    assert.deepEqual([csvCell(-0.5), csvCell('a "b", c'), csvCell(null), csvCell('')], ['-0.5', '"a ""b"", c"', '', '']);
    assert.equal(toSafeCsv(['a', 'b'], [{ a: 1, b: 'x\ny' }]), '\ufeffa,b\r\n1,"x\ny"\r\n');
  });
});

describe('reasons of the runner in the language of the page', () => {
  test('the sentence is translated, the name stays', () => {
    assert.deepEqual(reasonText({ kind: 'param', text: 'params train.C: 1 -> 4' }, wordings.id), { says: 'parameter berubah', about: 'train.C: 1 -> 4' });
    assert.deepEqual(reasonText({ kind: 'dep', text: 'dep data/x.csv changed: written by collect' }, wordings.en), { says: 'input changed', about: 'data/x.csv' });
    assert.deepEqual(reasonText({ kind: 'upstream', text: 'clean failed' }, wordings.en), { says: 'an earlier stage was not done', about: 'clean' });
    assert.deepEqual(reasonText({ kind: 'brand-new', text: 'who knows' }, wordings.en), { says: 'other reason', about: 'who knows' });
  });
});
