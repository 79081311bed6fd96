import { LABELS } from '../../schema/app.ts';
import type { Label } from '../../schema/app.ts';
import type { TrendRow } from '../../schema/prediction.ts';
import type { LabelCounts } from '../figures/tally.ts';
import { longMonths } from '../figures/tally.ts';
import type { Format } from '../wording/format.ts';
import type { Wording } from '../wording/en.ts';
import type { Chart } from './render.ts';
import { COLOURS } from './theme.ts';

/** What a chart needs to speak the language of its page. */
export interface Speech {
  readonly wording: Wording;
  readonly format: Format;
}

/** The scale that gives each label its colour and its name, in the order of LABELS. */
export function labelScale({ labels }: Wording): { domain: string[]; range: string[] } {
  return { domain: LABELS.map((label) => labels[label]), range: LABELS.map((label) => COLOURS[label]) };
}

/** Shares of the labels as a pie, each slice with its share beside it. */
export function sentimentChart(counts: LabelCounts, { wording, format }: Speech): Chart {
  const total = LABELS.reduce((sum, label) => sum + counts[label], 0);
  const share = (label: Label): string => format.share(total === 0 ? 0 : counts[label] / total);
  const values = LABELS.map((label, order) => ({ order, label: wording.labels[label], reviews: counts[label], share: share(label), says: `${wording.labels[label]}: ${format.count(counts[label])} (${share(label)})` }));
  return {
    id: 'sentiment',
    alt: wording.overview.sentimentAlt(values.map(({ says }) => says).join(', ')),
    spec: () => ({
      width: 220, height: 200, data: { values },
      encoding: {
        theta: { field: 'reviews', type: 'quantitative', stack: true },
        order: { field: 'order', type: 'ordinal' },
        color: { field: 'label', type: 'nominal', scale: labelScale(wording), legend: { symbolType: 'circle' } },
      },
      layer: [
        { mark: { type: 'arc', outerRadius: 74, innerRadius: 40, stroke: 'var(--surface)', strokeWidth: 2 }, encoding: { description: { field: 'says' } } },
        { mark: { type: 'text', radius: 95, fontSize: 13 }, encoding: { text: { field: 'share' }, color: { value: 'currentColor' } } },
      ],
    }),
  };
}

export function starsName(stars: number, { wording, format }: Speech): string {
  return stars === 1 ? wording.overview.oneStar : wording.overview.starsCount(format.count(stars));
}

/** How often each number of stars was given, five on top, as people know it from shops. */
export function ratingsChart(counts: readonly { readonly stars: number; readonly reviews: number }[], speech: Speech): Chart {
  const { wording, format } = speech;
  const total = counts.reduce((sum, { reviews }) => sum + reviews, 0);
  const values = counts.map(({ stars, reviews }) => ({ stars: `${stars} ★`, reviews, shown: `${format.count(reviews)} · ${format.share(total === 0 ? 0 : reviews / total)}`, says: `${starsName(stars, speech)}: ${format.count(reviews)}` }));
  const colour = { '1 ★': COLOURS.negative, '2 ★': COLOURS.negative, '3 ★': COLOURS.neutral, '4 ★': COLOURS.positive, '5 ★': COLOURS.positive };
  const most = Math.max(1, ...counts.map(({ reviews }) => reviews));
  return {
    id: 'ratings',
    alt: wording.overview.ratingsAlt(values.map(({ says }) => says).join(', ')),
    spec: () => ({
      width: 260, height: 190, data: { values },
      encoding: {
        y: { field: 'stars', type: 'nominal', sort: ['5 ★', '4 ★', '3 ★', '2 ★', '1 ★'], axis: { title: null, domain: false, ticks: false, labelFontSize: 13, labelPadding: 8 } },
        x: { field: 'reviews', type: 'quantitative', axis: null, scale: { domain: [0, most * 1.55] } },
      },
      layer: [
        { mark: { type: 'bar', cornerRadiusEnd: 3, height: 22 }, encoding: { color: { field: 'stars', type: 'nominal', legend: null, scale: { domain: Object.keys(colour), range: Object.values(colour) } }, description: { field: 'says' } } },
        { mark: { type: 'text', align: 'left', dx: 6 }, encoding: { text: { field: 'shown' } } },
      ],
    }),
  };
}

function monthAxis(months: number, narrow: boolean): { title: null; grid: false; format: string; tickCount: number; labelOverlap: true; labelFlush: true } {
  return { title: null, grid: false, format: '%b %y', tickCount: Math.min(months, narrow ? 4 : 10), labelOverlap: true, labelFlush: true };
}

/** Reviews a month, stacked by label. */
export function monthsChart(trend: readonly TrendRow[], { wording, format }: Speech): Chart {
  const order = Object.fromEntries(LABELS.map((label, index) => [label, index]));
  const values = longMonths(trend).map((row) => ({ month: `${row.month}-01T00:00:00Z`, order: order[row.label] ?? 0, label: wording.labels[row.label], reviews: row.reviews, says: `${format.month(row.month)}, ${wording.labels[row.label]}: ${format.count(row.reviews)} (${format.share(row.share)})` }));
  const [first, last] = [trend[0]?.month ?? '', trend.at(-1)?.month ?? ''];
  return {
    id: 'months',
    alt: wording.overview.monthsAlt(format.count(trend.length), format.month(first), format.month(last)),
    spec: (width, kind) => ({
      width, height: 190, data: { values },
      mark: { type: 'bar', width: Math.max(2, Math.floor((width / Math.max(1, trend.length)) * 0.72)) },
      encoding: {
        x: { field: 'month', type: 'temporal', timeUnit: 'utcyearmonth', axis: monthAxis(trend.length, kind === 'narrow') },
        y: { field: 'reviews', type: 'quantitative', stack: true, axis: { title: null, tickCount: 4, domain: false, ticks: false } },
        color: { field: 'label', type: 'nominal', scale: labelScale(wording) },
        order: { field: 'order', type: 'ordinal' },
        description: { field: 'says' },
      },
    }),
  };
}

/** The share of negative reviews by month: the mood in one line. */
export function moodChart(trend: readonly TrendRow[], { wording, format }: Speech): Chart {
  const values = trend.map(({ month, reviews, negative }) => {
    const share = reviews === 0 ? 0 : negative / reviews;
    return { month: `${month}-01T00:00:00Z`, share, says: `${format.month(month)}: ${format.share(share)} (${format.count(reviews)})` };
  });
  const ends = [values[0]?.share ?? 0, values.at(-1)?.share ?? 0] as const;
  return {
    id: 'mood',
    alt: wording.overview.negativeMonthsAlt(format.share(ends[0]), format.share(ends[1])),
    spec: (width, kind) => ({
      width, height: 130, data: { values },
      encoding: {
        x: { field: 'month', type: 'temporal', timeUnit: 'utcyearmonth', axis: monthAxis(trend.length, kind === 'narrow') },
        y: { field: 'share', type: 'quantitative', scale: { zero: true }, axis: { title: null, format: '.0%', tickCount: 4, domain: false, ticks: false } },
      },
      layer: [
        { mark: { type: 'area', color: COLOURS.negative, opacity: 0.16 } },
        { mark: { type: 'line', color: COLOURS.negative } },
        { mark: { type: 'point', filled: true, size: 26, color: COLOURS.negative, opacity: 1 }, encoding: { description: { field: 'says' } } },
      ],
    }),
  };
}
