import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { comparisonChart, confusionCells, confusionChart, driftChart } from '../../site/charts/model.ts';
import { monthsChart, moodChart, ratingsChart, sentimentChart } from '../../site/charts/overview.ts';
import { draw, drawSpec } from '../../site/charts/render.ts';
import type { Chart } from '../../site/charts/render.ts';
import { tidySvg } from '../../site/charts/svg.ts';
import { formatOf } from '../../site/wording/format.ts';
import type { Locale } from '../../site/wording/format.ts';
import { wordings } from '../../site/wording/wordings.ts';
import { drift, metrics } from '../fixtures/site/reports.ts';

const trend = Array.from({ length: 14 }, (_, index) => ({ app: 'a.b', month: `${2025 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`, reviews: 4100, negative: 1000, neutral: 1000, positive: 2100, rating: 3.5 }));

function chartsIn(locale: Locale): readonly Chart[] {
  const speech = { wording: wordings[locale], format: formatOf(locale) };
  const [report, scores] = [metrics(), metrics().estimators[0]];
  assert.ok(scores !== undefined);
  return [
    sentimentChart({ negative: 1200, neutral: 0, positive: 4000 }, speech),
    ratingsChart([1, 2, 3, 4, 5].map((stars) => ({ stars, reviews: stars * 1000 })), speech),
    monthsChart(trend, speech), moodChart(trend, speech), comparisonChart(report, speech),
    confusionChart(confusionCells(report.labels, scores.test), speech), driftChart(drift('abc').features, speech),
  ];
}

describe('the charts', () => {
  for (const locale of ['id', 'en'] as const) {
    test(`compile, and Vega warns of nothing, in ${locale}`, async () => {
      for (const chart of chartsIn(locale)) {
        const { narrow, wide } = await draw(chart, locale);
        for (const svg of [narrow, wide]) {
          assert.match(svg, /^<svg xmlns="[^"]+" viewBox="[^"]+" width="[\d.]+" height="[\d.]+" role="img" aria-label="[^"]{20,}">/, chart.id);
          assert.doesNotMatch(svg, /NaN|undefined|Infinity/, chart.id);
          assert.equal(svg.match(/aria-|role=/g)?.length, 2, `${chart.id} has one accessible name`);
        }
      }
    });
  }

  test('axes write 4.000 and Mei in Indonesian, 4,000 and May in English', async () => {
    const texts = async (locale: Locale): Promise<readonly string[]> => {
      const chart = chartsIn(locale)[2];
      assert.ok(chart !== undefined);
      return [...(await draw(chart, locale)).wide.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map(([, text = '']) => text);
    };
    const [indonesian, english] = [await texts('id'), await texts('en')];
    assert.ok(indonesian.includes('4.000') && indonesian.includes('Mei 25'), indonesian.join());
    assert.ok(english.includes('4,000') && english.includes('May 25'), english.join());
  });

  test('colours are variables of the style sheet, so that one drawing serves light and dark', async () => {
    for (const chart of chartsIn('en')) {
      const { wide } = await draw(chart, 'en');
      assert.doesNotMatch(wide, /(?:fill|stroke)="#(?!fff)/, chart.id);
    }
  });

  test('the same chart drawn twice is the same text', async () => {
    const [first, second] = [await Promise.all(chartsIn('id').map((chart) => draw(chart, 'id'))), await Promise.all(chartsIn('id').map((chart) => draw(chart, 'id')))];
    assert.deepEqual(first, second);
  });

  test('a spec that Vega-Lite warns about is refused', async () => {
    await assert.rejects(drawSpec({ data: { values: [{ a: 1 }] }, mark: 'bar', encoding: { x: { field: 'a', type: 'quantitative', scale: { type: 'band' } } } }, 'en'), /^RangeError: Cannot draw the chart as Vega warns/);
  });

  test('shares of a confusion matrix are of the true label', () => {
    const [scores] = metrics().estimators;
    assert.ok(scores !== undefined);
    const cells = confusionCells(['negative', 'neutral', 'positive'], scores.test);
    assert.equal(cells.find(({ truth, said }) => truth === 'negative' && said === 'neutral')?.share, 60 / 400);
  });
});

describe('an svg made fit for a page', () => {
  test('rounds geometry and leaves texts alone', () => {
    const svg = tidySvg('<svg width="10" height="10" viewBox="0 0 10 10"><path d="M0.123,4.999"/><text x="1.26">4.000</text></svg>', { alt: 'a "b"', id: 'x' });
    assert.equal(svg, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" width="10" height="10" role="img" aria-label="a &quot;b&quot;"><path d="M0.1,5"/><text x="1.3">4.000</text></svg>');
  });

  test('turns descriptions of marks into tooltips', () => {
    const svg = tidySvg('<svg width="1" height="1" viewBox="0 0 1 1"><path aria-label="Mei: 4.000" role="graphics-symbol" d="M0,0"></path></svg>', { alt: 'a', id: 'x' });
    assert.match(svg, /<path d="M0,0"><title>Mei: 4\.000<\/title><\/path>/);
  });
});
