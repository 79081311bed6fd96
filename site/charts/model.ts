import type { Label } from '../../schema/app.ts';
import type { DriftFeature } from '../../schema/drift.ts';
import type { MetricsReport, Scores } from '../../schema/metrics.ts';
import type { Speech } from './overview.ts';
import type { Chart } from './render.ts';
import { COLOURS } from './theme.ts';

/** The three estimators: cross-validated mean with its deviation, and the test score with its interval. */
export function comparisonChart(metrics: MetricsReport, { wording, format }: Speech): Chart {
  const { model, estimators } = wording;
  const values = metrics.estimators.flatMap(({ estimator, crossValidation: { mean, deviation }, test, interval }) => [
    { estimator: estimators[estimator], kind: model.crossValidation, value: mean, low: mean - deviation, high: mean + deviation },
    { estimator: estimators[estimator], kind: model.test, value: test.macro.f1, low: interval[0], high: interval[1] },
  ]).map((row) => ({ ...row, says: `${row.estimator}, ${row.kind}: ${format.score(row.value)} (${format.score(row.low)} – ${format.score(row.high)})` }));
  const names = metrics.estimators.map(({ estimator }) => estimators[estimator]);
  return {
    id: 'comparison',
    alt: model.comparisonAlt(values.map(({ says }) => says).join('; ')),
    spec: (width) => ({
      width: width - 110, height: { step: 24 }, data: { values },
      encoding: {
        y: { field: 'estimator', type: 'nominal', sort: names, axis: { title: null, domain: false, ticks: false, labelPadding: 8 } },
        yOffset: { field: 'kind', type: 'nominal', sort: [model.crossValidation, model.test] },
        color: { field: 'kind', type: 'nominal', scale: { domain: [model.crossValidation, model.test], range: [COLOURS.accent, COLOURS.negative] } },
      },
      layer: [
        { mark: { type: 'rule', strokeWidth: 2 }, encoding: { x: { field: 'low', type: 'quantitative', scale: { zero: false, nice: true }, axis: { title: null, format: '.2f', tickCount: 5 } }, x2: { field: 'high' } } },
        { mark: { type: 'point', filled: true, size: 90, opacity: 1 }, encoding: { x: { field: 'value', type: 'quantitative' }, description: { field: 'says' } } },
      ],
    }),
  };
}

export interface Cell {
  readonly truth: Label;
  readonly said: Label;
  readonly count: number;
  /** Of the true label's rows. */
  readonly share: number;
}

export function confusionCells(labels: readonly Label[], { confusion }: Scores): readonly Cell[] {
  return labels.flatMap((truth, row) => {
    const counts = confusion[row] ?? [];
    const total = counts.reduce((sum, count) => sum + count, 0);
    return labels.map((said, column) => ({ truth, said, count: counts[column] ?? 0, share: total === 0 ? 0 : (counts[column] ?? 0) / total }));
  });
}

/** True labels in rows, predicted ones in columns; the darker, the larger the share of its row. */
export function confusionChart(cells: readonly Cell[], { wording, format }: Speech): Chart {
  const { labels, model } = wording;
  const order = [...new Set(cells.map(({ truth }) => labels[truth]))];
  const values = cells.map(({ truth, said, count, share }) => ({ truth: labels[truth], said: labels[said], share, count: format.count(count), of: format.share(share), says: model.confusionPart(format.count(count), labels[truth], labels[said]) }));
  const axis = { title: null, domain: false, ticks: false, labelPadding: 6 } as const;
  const opacity = { field: 'share', type: 'quantitative', legend: null, scale: { domain: [0, 1], range: [0.04, 0.55] } } as const;
  return {
    id: 'confusion',
    alt: model.confusionAlt(values.map(({ says }) => says).join(', ')),
    spec: (_, kind) => ({
      width: kind === 'narrow' ? 210 : 330, height: 210, data: { values },
      encoding: {
        x: { field: 'said', type: 'nominal', sort: order, axis: { ...axis, orient: 'top', labelAngle: 0, title: `${model.said} →` } },
        y: { field: 'truth', type: 'nominal', sort: order, axis: { ...axis, title: `${model.truth} ↓`, titleAngle: 0, titleAlign: 'left', titleX: -52, titleY: -22, titleFontSize: kind === 'narrow' ? 0 : 12 } },
      },
      layer: [
        { mark: { type: 'rect', color: COLOURS.accent, stroke: 'var(--surface)', strokeWidth: 3 }, encoding: { fillOpacity: opacity, description: { field: 'says' } } },
        { mark: { type: 'text', fontSize: 16, dy: -6 }, encoding: { text: { field: 'count' } } },
        { mark: { type: 'text', fontSize: 11, dy: 12 }, encoding: { text: { field: 'of' } } },
      ],
    }),
  };
}

/** How far each feature moved, in parts of its limit: beyond 1 it may have drifted. */
export function driftChart(features: readonly DriftFeature[], { wording, format }: Speech): Chart {
  const { quality } = wording;
  const names: Readonly<Record<string, string>> = quality.features;
  const values = features.map(({ feature, effect, limit, drifted }) => {
    const parts = limit > 0 ? Math.max(0, effect / limit) : 0;
    const name = names[feature] ?? feature;
    return { feature: name, parts, state: drifted ? quality.drifted : quality.steady, says: `${name}: ${format.number(parts)} (${drifted ? quality.drifted : quality.steady})` };
  });
  const most = Math.max(1.25, ...values.map(({ parts }) => parts));
  return {
    id: 'drift',
    alt: quality.driftAlt(values.map(({ says }) => says).join(', ')),
    spec: (width) => ({
      width: width - 110, height: { step: 26 },
      layer: [
        {
          data: { values },
          mark: { type: 'bar', height: 16, cornerRadiusEnd: 2 },
          encoding: {
            y: { field: 'feature', type: 'nominal', sort: values.map(({ feature }) => feature), axis: { title: null, domain: false, ticks: false, labelPadding: 8 } },
            x: { field: 'parts', type: 'quantitative', scale: { domain: [0, most] }, axis: { title: quality.driftAxis, tickCount: 4 } },
            color: { field: 'state', type: 'nominal', scale: { domain: [quality.drifted, quality.steady], range: [COLOURS.negative, COLOURS.neutral] } },
            description: { field: 'says' },
          },
        },
        { data: { values: [{ limit: 1 }] }, mark: { type: 'rule', strokeDash: [4, 3], color: 'currentColor' }, encoding: { x: { field: 'limit', type: 'quantitative' } } },
      ],
    }),
  };
}
