import path from 'node:path';
import { statSync } from 'node:fs';
import { MetricsReport } from '../../schema/metrics.ts';
import { Champion, Decision, Registry } from '../../schema/registry.ts';
import type { DatasetRegistry } from '../../schema/registry.ts';
import { ReleaseManifest } from '../../schema/run-record.ts';
import type { Files } from './files.ts';
import type { Sheet } from './gauges.ts';

function sizeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.size ?? null;
}

/** The time at which a release was made is the first part of its id; null where it has none. */
function madeAt(id: string): number | null {
  const [, day, hour, minute, second, milli] = /^(\d{8})T(\d\d)(\d\d)(\d\d)(\d{3})Z/.exec(id) ?? [];
  const at = Date.parse(`${day?.replace(/(\d{4})(\d\d)(\d\d)/, '$1-$2-$3')}T${hour}:${minute}:${second}.${milli}Z`);
  return Number.isNaN(at) ? null : at / 1000;
}

const DECISIONS = ['promoted', 'rejected', 'unchanged'] as const;
const ACTIONS = ['register', 'promote', 'reject', 'rollback'] as const;

function tellRegistry(sheet: Sheet, known: DatasetRegistry | undefined): void {
  const aliases = known?.aliases;
  const champion = aliases?.champion ?? null;
  sheet.gauge('ulasan_model_info', 'The versions of the model by alias.', (['champion', 'challenger'] as const).flatMap((alias) => (aliases?.[alias] ? [{ labels: { alias, version: aliases[alias] }, value: 1 }] : [])));
  const since = known?.log.findLast(({ alias, version }) => alias === 'champion' && version === champion)?.at;
  sheet.gauge('ulasan_model_champion_since_timestamp_seconds', 'When the champion became champion.', [{ value: since === undefined ? null : Date.parse(since) / 1000 }]);
  sheet.counter('ulasan_model_registry_events_total', 'What happened in the registry.', ACTIONS.map((action) => ({ labels: { action }, value: known?.log.filter((event) => event.action === action).length ?? 0 })));
}

/** The model as registry, release and reports tell: who serves, how good it is, what the gate said. */
export function createModelView(workspace: string, files: Files): (sheet: Sheet) => void {
  const registry = files.open('registry', 'models/registry.json', Registry);
  const release = files.open('release', 'releases/current/manifest.json', ReleaseManifest);
  const champion = files.open('champion', 'releases/current/model/champion.json', Champion);
  const training = files.open('training', 'reports/metrics.json', MetricsReport);
  const decision = files.open('decision', 'data/promote/decision.json', Decision);
  return (sheet) => {
    const manifest = release();
    const known = registry();
    tellRegistry(sheet, manifest === null ? undefined : known?.datasets[manifest.dataset]);
    sheet.gauge('ulasan_release_published_info', 'The release that the pointer leads to.', manifest === null ? [] : [{ labels: { release: manifest.id, model: manifest.champion ?? 'none' }, value: 1 }]);
    sheet.gauge('ulasan_release_published_timestamp_seconds', 'When the release that the pointer leads to was made.', manifest === null ? [] : [{ labels: { release: manifest.id }, value: madeAt(manifest.id) }]);
    const served = champion()?.manifest ?? null;
    const interval = served?.reference.interval;
    sheet.gauge('ulasan_model_macro_f1_ratio', 'Macro-F1 of the champion on its test rows, with its 95% interval.', [
      { labels: { bound: 'estimate' }, value: served?.testMacroF1 ?? null }, { labels: { bound: 'low' }, value: interval?.[0] ?? null }, { labels: { bound: 'high' }, value: interval?.[1] ?? null },
    ]);
    sheet.gauge('ulasan_model_trained_reviews', 'Reviews that the champion learned from.', [{ value: served?.trainedRows ?? null }]);
    sheet.gauge('ulasan_model_trained_until_timestamp_seconds', 'The newest review that the champion learned from.', [{ value: served === null ? null : Date.parse(served.reference.until) / 1000 }]);
    sheet.gauge('ulasan_model_size_bytes', 'Size of the model that serves.', [{ value: sizeOf(path.join(workspace, 'releases/current/model/model.json')) }]);
    const report = training();
    const selected = report?.estimators.find(({ estimator }) => estimator === report.selected);
    sheet.gauge('ulasan_model_class_f1_ratio', 'F1 of each label on the test rows, of the newest candidate.', (selected?.test.classes ?? []).map(({ label, f1 }) => ({ labels: { label }, value: f1 })));
    sheet.gauge('ulasan_model_candidate_macro_f1_ratio', 'Macro-F1 of all estimators of the newest training on the test rows.', (report?.estimators ?? []).map(({ estimator, test }) => ({ labels: { estimator }, value: test.macro.f1 })));
    const said = decision();
    sheet.gauge('ulasan_model_gate_decision', 'What the gate said of the newest candidate.', DECISIONS.map((one) => ({ labels: { decision: one }, value: said === null ? null : said.decision === one ? 1 : 0 })));
  };
}
