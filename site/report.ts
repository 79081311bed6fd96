import { LABELS } from '../schema/app.ts';
import type { Label, Source } from '../schema/app.ts';
import type { CleanReview } from '../schema/clean-review.ts';
import type { DriftReport } from '../schema/drift.ts';
import type { MetricsReport } from '../schema/metrics.ts';
import type { TrendRow } from '../schema/prediction.ts';
import type { QualityMoment, QualityReport } from '../schema/quality.ts';
import type { Champion, Decision, RegistryEvent } from '../schema/registry.ts';
import type { RunRecord } from '../schema/run-record.ts';
import { comparisonChart, confusionCells, confusionChart, driftChart } from './charts/model.ts';
import type { Cell } from './charts/model.ts';
import { monthsChart, moodChart, ratingsChart, sentimentChart } from './charts/overview.ts';
import type { Speech } from './charts/overview.ts';
import { draw } from './charts/render.ts';
import type { Chart, Drawing } from './charts/render.ts';
import { layOut } from './figures/cloud.ts';
import type { Cloud } from './figures/cloud.ts';
import { judge, monthsOf, ratingCounts, tally } from './figures/tally.ts';
import type { Judged, Tally } from './figures/tally.ts';
import { recent } from './figures/window.ts';
import type { Recent } from './figures/window.ts';
import { keywords, themes } from '../ml/text/themes.ts';
import type { Keyword } from '../ml/text/themes.ts';
import { renderNotebook } from './notebook/render.ts';
import type { Inputs, NotebookName } from './read/inputs.ts';
import type { Trouble } from './read/files.ts';
import { LOCALES, formatOf } from './wording/format.ts';
import type { Locale } from './wording/format.ts';
import { wordings } from './wording/wordings.ts';

const THEMES_SHOWN = 8;
const LOG_SHOWN = 30;

export type ChartName = 'sentiment' | 'ratings' | 'months' | 'mood' | 'comparison' | 'confusion' | 'drift';

/** What depends on the language and is costly: drawn once, before the pages. */
export interface Spoken {
  readonly charts: Readonly<Partial<Record<ChartName, Drawing & { readonly alt: string }>>>;
  readonly notebooks: readonly { readonly name: NotebookName; readonly html: string | null }[];
}

/** All that the pages show, as plain data. */
export interface Report {
  readonly app: string;
  readonly source: Source;
  readonly dataset: string;
  readonly overall: Tally;
  readonly since: string | null;
  readonly until: string | null;
  readonly predicted: boolean;
  readonly recent: Omit<Recent, 'judged'> | null;
  readonly themes: readonly Keyword[];
  readonly ratings: readonly { readonly stars: number; readonly reviews: number }[];
  readonly trend: readonly TrendRow[];
  readonly clouds: readonly { readonly label: Label; readonly cloud: Cloud }[];
  readonly newest: readonly { readonly review: Pick<CleanReview, 'at' | 'rating' | 'raw' | 'version' | 'labelSource'>; readonly label: Label; readonly confidence: number | null }[];
  readonly quality: QualityReport | null;
  readonly moments: readonly QualityMoment[];
  readonly metrics: MetricsReport | null;
  readonly confusion: readonly Cell[];
  readonly drift: DriftReport | null;
  readonly decision: Decision | null;
  readonly champion: Champion | null;
  readonly log: readonly RegistryEvent[];
  readonly current: RunRecord | null;
  readonly runs: readonly RunRecord[];
  readonly troubles: readonly Trouble[];
  /** Bytes of the model that the page loads on demand; null where there is none to try. */
  readonly model: { readonly bytes: number; readonly needsStem: boolean } | null;
  readonly downloads: readonly string[];
  readonly spoken: Readonly<Record<Locale, Spoken>>;
}

/** The scores of the selected estimator on the test rows. */
export function selectedScores(metrics: MetricsReport): MetricsReport['estimators'][number] | undefined {
  return metrics.estimators.find(({ estimator }) => estimator === metrics.selected);
}

function cloudsOf(judged: readonly Judged[], wordsShown: number): Report['clouds'] {
  const texts = LABELS.map((label) => judged.filter((one) => one.label === label).map(({ review }) => review.tokens));
  return LABELS.map((label, index) => {
    const rest = texts.filter((_, other) => other !== index).flat();
    return { label, cloud: layOut(keywords(texts[index] ?? [], rest, wordsShown)) };
  });
}

/** Words that set new negative reviews apart from all that are not negative. */
function themesOf(judged: readonly Judged[], newest: readonly Judged[]): readonly Keyword[] {
  const tokens = (those: readonly Judged[], negative: boolean): readonly string[] => those.filter(({ label }) => (label === 'negative') === negative).map(({ review }) => review.tokens);
  return themes(tokens(newest, true), tokens(judged, false), THEMES_SHOWN);
}

/** `natural`'s stemmer does not run in browsers; a model that needs it is shown, but cannot be tried. */
function modelOf(text: string | null): Report['model'] {
  if (text === null) return null;
  const artefact = JSON.parse(text) as { readonly text?: { readonly stem?: string } };
  return { bytes: Buffer.byteLength(text), needsStem: artefact.text?.stem !== 'none' };
}

function chartsOf(report: Omit<Report, 'spoken'>, speech: Speech): Partial<Record<ChartName, Chart>> {
  const { overall, ratings, trend, metrics, drift, confusion } = report;
  return {
    ...(overall.reviews === 0 ? {} : { sentiment: sentimentChart(overall.labels, speech), ratings: ratingsChart(ratings, speech) }),
    ...(trend.length === 0 ? {} : { months: monthsChart(trend, speech), mood: moodChart(trend, speech) }),
    ...(metrics === null ? {} : { comparison: comparisonChart(metrics, speech) }),
    ...(confusion.length === 0 ? {} : { confusion: confusionChart(confusion, speech) }),
    ...(drift === null || drift.features.length === 0 ? {} : { drift: driftChart(drift.features, speech) }),
  };
}

async function speak(report: Omit<Report, 'spoken'>, inputs: Inputs, locale: Locale): Promise<Spoken> {
  const speech = { wording: wordings[locale], format: formatOf(locale) };
  const charts: Partial<Record<ChartName, Drawing & { alt: string }>> = {};
  for (const [name, chart] of Object.entries(chartsOf(report, speech)) as [ChartName, Chart][]) charts[name] = { ...(await draw(chart, locale)), alt: chart.alt };
  const notebooks = await Promise.all(inputs.notebooks.map(async ({ name, text }) => ({ name, html: await renderNotebook(name, text, { locale, speech }) })));
  return { charts, notebooks };
}

/** The report without its drawings: counted, chosen and cut to what the pages show. */
export function countReport(inputs: Inputs, judged: readonly Judged[], downloads: readonly string[]): Omit<Report, 'spoken'> {
  const window = recent(judged);
  const selected = inputs.metrics === null ? undefined : selectedScores(inputs.metrics);
  const { app, source, dataset, quality, moments, metrics, drift, decision, champion, current, runs, troubles } = inputs;
  return {
    app, source, dataset, quality, moments, metrics, drift, decision, champion, current, runs, troubles, downloads,
    overall: tally(judged), since: judged[0]?.review.at ?? null, until: judged.at(-1)?.review.at ?? quality?.newest ?? null,
    predicted: inputs.predictions.size > 0,
    recent: window === null ? null : { from: window.from, until: window.until, now: window.now, before: window.before },
    themes: window === null ? [] : themesOf(judged, window.judged),
    ratings: ratingCounts(judged),
    trend: inputs.trend.length > 0 ? inputs.trend : monthsOf(app, judged),
    clouds: cloudsOf(judged, inputs.wordsShown),
    newest: judged.slice(Math.max(0, judged.length - inputs.newestShown)).toReversed().map(({ review: { at, rating, raw, version, labelSource }, label, confidence }) => ({ review: { at, rating, raw, version, labelSource }, label, confidence })),
    confusion: metrics === null || selected === undefined ? [] : confusionCells(metrics.labels, selected.test),
    log: (inputs.registry?.log ?? []).slice(-LOG_SHOWN).toReversed(),
    model: modelOf(inputs.model),
  };
}

export function judgedOf(inputs: Inputs): readonly Judged[] {
  return judge(inputs.reviews, inputs.predictions);
}

export async function makeReport(inputs: Inputs, judged: readonly Judged[], downloads: readonly string[]): Promise<Report> {
  const report = countReport(inputs, judged, downloads);
  const spoken: Partial<Record<Locale, Spoken>> = {};
  for (const locale of LOCALES) spoken[locale] = await speak(report, inputs, locale);
  return { ...report, spoken: spoken as Record<Locale, Spoken> };
}
