import type { RunRecord } from '../../schema/run-record.ts';
import { isAlive } from '../schedule/alone.ts';
import { ScheduleState } from '../schedule/state.ts';
import { NotifyTally } from '../notify/tally.ts';
import type { Runs } from '../state/runs.ts';
import type { Files } from './files.ts';
import type { Sheet } from './gauges.ts';

const RUNS_READ = 60;
const OUTCOMES = ['done', 'failed', 'interrupted'] as const;
const GOOD = new Set(['fresh', 'restored', 'ran', 'held']);
/** What a run that was stopped leaves says nothing of a stage. */
const UNTOLD = new Set(['pending', 'interrupted']);

const seconds = (at: string | null | undefined): number | null => (at === null || at === undefined ? null : Date.parse(at) / 1000);

function consecutiveFailures(ended: readonly RunRecord[]): number {
  const first = ended.findIndex(({ outcome }) => outcome === 'done');
  return ended.slice(0, first === -1 ? undefined : first).filter(({ outcome }) => outcome === 'failed').length;
}

/** The pipeline as its run records tell: how the runs ended, how long each stage took, what was not run again. */
export function createPipelineView(workspace: string, files: Files, runs: Runs): (sheet: Sheet) => void {
  const schedule = files.open('schedule', '.repro/schedule/state.json', ScheduleState);
  const tally = files.open('alerts', '.repro/alerts/tally.json', NotifyTally);
  return (sheet) => {
    const records = runs.ids().slice(0, RUNS_READ).flatMap((id) => runs.read(id) ?? []);
    const ended = records.filter(({ outcome }) => outcome !== 'running');
    const [last] = ended;
    sheet.gauge('ulasan_run_record_read_success', 'Whether every record of a run could be read.', [{ value: runs.unreadable() === 0 ? 1 : 0 }]);
    sheet.gauge('ulasan_pipeline_running', 'Whether a run is under way.', [{ value: records[0]?.outcome === 'running' ? 1 : 0 }]);
    sheet.gauge('ulasan_pipeline_last_run_timestamp_seconds', 'When the last run of each outcome ended.', OUTCOMES.map((outcome) => ({ labels: { outcome }, value: seconds(ended.find((run) => run.outcome === outcome)?.finishedAt) })));
    sheet.gauge('ulasan_pipeline_last_run_duration_seconds', 'How long the last run took.', [{ value: last?.seconds ?? null }]);
    sheet.gauge('ulasan_pipeline_last_run_saved_seconds', 'How long the stages that the last run did not run again had taken.', [{ value: last?.secondsSaved ?? null }]);
    sheet.gauge('ulasan_pipeline_consecutive_failures', 'Runs that failed since the last one that was done.', [{ value: consecutiveFailures(ended) }]);
    const stages = last?.stages ?? [];
    sheet.gauge('ulasan_pipeline_stage_duration_seconds', 'How long a stage took in the last run.', stages.map(({ name, seconds: took }) => ({ labels: { stage: name }, value: took })));
    sheet.gauge('ulasan_pipeline_stage_success', 'Whether a stage is as it should be after the last run.', stages.map(({ name, state }) => ({ labels: { stage: name }, value: last?.outcome === 'interrupted' || UNTOLD.has(state) ? null : GOOD.has(state) ? 1 : 0 })));
    sheet.gauge('ulasan_pipeline_stages', 'Stages of the last run by how they ended.', [...GOOD, 'failed', 'blocked', 'interrupted'].map((state) => ({ labels: { state }, value: stages.filter((stage) => stage.state === state).length })));
    const scheduled = schedule();
    sheet.gauge('ulasan_scheduler_next_run_timestamp_seconds', 'When the next run begins.', [{ value: seconds(scheduled?.next) }]);
    sheet.gauge('ulasan_scheduler_alive_timestamp_seconds', 'When the scheduler last said that it lives.', [{ value: seconds(scheduled?.aliveAt) }]);
    sheet.gauge('ulasan_scheduler_last_success_timestamp_seconds', 'When a scheduled run last ended well; one with nothing to do counts.', [{ value: seconds(scheduled?.lastDone) }]);
    sheet.gauge('ulasan_scheduler_since_timestamp_seconds', 'When the scheduler of this workspace began for the first time.', [{ value: seconds(scheduled?.since) }]);
    sheet.gauge('ulasan_scheduler_consecutive_failures', 'Scheduled runs that failed since the last one that ended well.', [{ value: scheduled?.failures ?? null }]);
    sheet.gauge('ulasan_scheduler_running', 'Whether the scheduler is running the pipeline.', [{ value: scheduled?.running === true && isAlive(workspace, scheduled, new Date()) ? 1 : 0 }]);
    sheet.gauge('ulasan_scheduler_paused', 'Whether somebody paused the scheduler.', [{ value: scheduled?.paused === true ? 1 : 0 }]);
    sheet.counter('ulasan_scheduler_triggers_total', 'Runs that the scheduler began, by cause and outcome.', Object.entries(scheduled?.triggers ?? {}).map(([key, value]) => {
      const [source = '', outcome = ''] = key.split(':');
      return { labels: { source, outcome }, value };
    }));
    const sent = tally() ?? {};
    sheet.counter('ulasan_notifications_total', 'Alerts of the pipeline by channel and outcome.', [['webhook', 'sent'], ['webhook', 'failed'], ['webhook', 'refused'], ['log', 'info'], ['log', 'warning'], ['log', 'error']].map(([channel = '', outcome = '']) => ({ labels: { channel, outcome }, value: sent[`${channel}:${outcome}`] ?? 0 })));
  };
}
