import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { readDataset } from '../../registry/registry.ts';
import { logTrouble } from '../disk.ts';
import { openLog } from '../log.ts';
import type { Logger } from '../log.ts';
import { CODE } from '../settings.ts';
import { openRuns } from '../state/runs.ts';
import { HookEvent } from './event.ts';
import { datasetBy } from './dataset.ts';
import { messageOf } from './message.ts';
import type { Message } from './message.ts';
import { countWaiting, emptyOutbox, outboxFolder, putOut } from './outbox.ts';
import type { Fate } from './outbox.ts';
import { isQuiet, keepQuiet } from './quiet.ts';
import { sendMessage } from './send.ts';
import type { Sent } from './send.ts';
import { addToTally } from './tally.ts';
import { findWebhook } from './webhook.ts';
import type { Webhook } from './webhook.ts';
import { wording } from '../wording.ts';

interface Flushing {
  readonly workspace: string;
  readonly webhook: Webhook;
  readonly log: Logger;
}

/**
 * Sends what waits in the outbox. The scheduler does it too, so that an outage of the receiver heals by itself. Never throws: an
 * outbox that cannot be used costs no schedule, and is looked at again.
 */
export async function flushOutbox(flushing: Flushing): Promise<void> {
  try {
    await flush(flushing);
  } catch (error) {
    logTrouble(flushing.log, error, wording.outboxFailed);
  }
}

/** How it is counted, for the exporter. */
const COUNTED: Readonly<Record<Sent['kind'], string>> = { taken: 'webhook:sent', refused: 'webhook:refused', nothing: 'webhook:failed', later: 'webhook:failed' };

function logFate(workspace: string, log: Logger, fate: Fate): void {
  if (fate.kind === 'cut') {
    log.error(wording.alertCut(path.join(outboxFolder(workspace), fate.name)));
    return;
  }
  const { id, kind, run, stage } = fate.message;
  const about = { event: id, kind, run: run.id, stage };
  if (fate.kind === 'sent') {
    log.info(about, wording.alertTold);
    return;
  }
  const { kind: answered, why, tries } = fate.answer;
  if (fate.kind === 'refused') log.error({ ...about, why }, wording.alertRefused(path.join(outboxFolder(workspace), fate.name)));
  else log.warn({ ...about, tries, why }, answered === 'nothing' ? wording.alertsUnwanted : wording.alertWaits);
}

async function flush({ workspace, webhook, log }: Flushing): Promise<void> {
  if (isQuiet(workspace, { url: webhook.url, now: new Date() })) return;
  const send = async (message: Message): Promise<Sent> => {
    const answer = await sendMessage(webhook, message);
    addToTally(workspace, { [COUNTED[answer.kind]]: 1 });
    if (answer.kind === 'later' && answer.afterMs !== null) keepQuiet(workspace, { url: webhook.url, now: new Date(), forMs: answer.afterMs });
    return answer;
  };
  for await (const fate of emptyOutbox(workspace, send)) logFate(workspace, log, fate);
  const left = countWaiting(workspace);
  if (left > 0) log.warn({ left }, wording.alertsWait);
}

/** What a stage emits when it fails for a reason of its own: the team is told of that, not once more that the stage failed. */
const FAILURES: readonly string[] = ['quality-error', 'stale-data'];
/** That an app could not be collected: of the configured one the stage fails as well, and says more; of a further one nothing else tells. */
const OF_APPS: readonly string[] = ['format-changed', 'collect-failed'];
const isTold = ({ kind, emitted, facts }: HookEvent): boolean => (kind === 'stage-failed' && emitted.some((one) => FAILURES.includes(one))) || (OF_APPS.includes(kind) && facts.further !== true);

/** A rule that two stages found broken in one run is told once, by the one that knows its limit. */
function isToldElsewhere({ kind, stage, facts, run }: HookEvent, workspace: string): boolean {
  if (kind !== 'quality-error' || facts.limit !== undefined) return false;
  const others = openRuns(workspace).read(run.id)?.stages.filter(({ name }) => name !== stage) ?? [];
  return others.some(({ events }) => events.some((other) => other.kind === kind && other.facts.rule === facts.rule));
}

interface Telling {
  readonly workspace: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  /** The `--set` words of a run that left no record. */
  readonly sets?: readonly string[];
}

/** Which app of which source it is about: by the event, by what the run collected, and where it came not so far, by what it was to collect. */
function datasetOf({ run, facts }: HookEvent, { workspace, sets = [] }: Telling): string | null {
  const record = openRuns(workspace).read(run.id);
  const told = record?.stages.map((stage) => stage.facts.dataset).find((dataset) => dataset !== undefined);
  return String(facts.dataset ?? told ?? '') || datasetBy(record?.overrides ?? sets, CODE);
}

/** Not where the registry cannot be read: whoever reads it for his work tells of that. */
function hasChampion(dataset: string | null, workspace: string): boolean {
  const read = dataset === null ? undefined : readDataset(path.join(workspace, 'models'), dataset);
  return read?.ok === true && read.value.aliases.champion !== null;
}

/** Onto the disk; a disk that is full, of which the message may tell, keeps it from nobody: it is sent as it is. True where it lies in the outbox. */
async function keep(message: Message, { workspace, log }: Telling, webhook: Webhook | null): Promise<boolean> {
  try {
    putOut(workspace, message);
    return true;
  } catch (error) {
    logTrouble(log, error, wording.outboxFailed);
    const answer = webhook === null ? null : await sendMessage(webhook, message);
    if (answer?.kind === 'taken') log.info({ event: message.id, kind: message.kind, run: message.run.id, stage: message.stage }, wording.alertTold);
    else log.error({ event: message.id, ...(answer === null ? {} : { why: answer.why }) }, wording.alertLost);
    return false;
  }
}

/** Tells of one event: into the log of alerts, always; to the webhook where there is one. */
export async function tell(event: HookEvent, telling: Telling): Promise<void> {
  const { workspace, env, log } = telling;
  if (isToldElsewhere(event, workspace)) return;
  const who = { dataset: datasetOf(event, telling), machine: hostname(), startedBy: env.ALERT_CAUSE ?? wording.byCommand };
  const message = messageOf(event, { reportUrl: env.REPORT_URL ?? null, now: new Date(), who, hasChampion: hasChampion(who.dataset, workspace) });
  const { id, severity, kind, stage, title, facts, run, next } = message;
  // The same story as in the message. Keys that name an address or a text are hidden (services/log.ts), hence `link`.
  const story = { event: id, kind, run: run.id, stage, facts, ...(event.problem === null ? {} : { why: event.problem.message }), ...who, next, link: run.url };
  log[severity === 'info' ? 'info' : severity === 'warning' ? 'warn' : 'error'](story, title);
  addToTally(workspace, { [`log:${severity}`]: 1 });
  // The scheduler tries a failed run again before anybody is woken.
  const isOfFailure = kind === 'stage-failed' || (severity === 'error' && FAILURES.includes(kind)) || (OF_APPS.includes(kind) && event.run.outcome === 'failed');
  const isLater = env.ALERT_LATER === '1' && isOfFailure;
  if (isLater || isTold(event)) return;
  const found = findWebhook(env);
  if (found.webhook === null && found.why === null) return;
  // Also where it cannot be sent from here: the next message, or the scheduler, takes it along.
  if (!(await keep(message, telling, found.webhook))) return;
  if (found.webhook === null) {
    addToTally(workspace, { 'webhook:failed': 1 });
    log.error({ event: id }, found.why ?? '');
    return;
  }
  const { webhook } = found;
  await flushOutbox({ workspace, webhook, log });
}

export const openAlertLog = (workspace: string): Logger => openLog({ service: 'alerts', folder: path.join(workspace, 'logs'), isTerminal: false });

/** By hand: one message, which says that it is a test, straight to the webhook; what came of it is told to whoever asked. */
async function tryWebhook(env: NodeJS.ProcessEnv): Promise<number> {
  const { webhook, why } = findWebhook(env);
  if (webhook === null) {
    console.error(why ?? wording.noWebhook);
    return 1;
  }
  const now = new Date();
  const event: HookEvent = { version: 1, kind: 'test', stage: null, emitted: [], facts: {}, problem: null, run: { id: 'none', startedAt: now.toISOString(), finishedAt: null, outcome: 'done', seconds: 0, workspace: '' } };
  const answer = await sendMessage(webhook, messageOf(event, { reportUrl: null, now, who: { dataset: null, machine: hostname(), startedBy: null } }));
  if (answer.kind === 'taken') console.log(wording.webhookTook);
  else console.error(wording.webhookRefused(answer.why));
  return answer.kind === 'taken' ? 0 : 1;
}

/** The hook: tells of the event in the file that REPRO_EVENT names. Only a bug makes it fail. */
export async function main(env: NodeJS.ProcessEnv, args: readonly string[] = []): Promise<number> {
  if (args[0] === '--test') return tryWebhook(env);
  const { REPRO_EVENT: file, REPRO_WORKSPACE: workspace } = env;
  if (file === undefined || workspace === undefined) {
    console.error(wording.noEvent);
    return 2;
  }
  await tell(HookEvent.parse(JSON.parse(readFileSync(file, 'utf8'))), { workspace, env, log: openAlertLog(workspace) });
  return 0;
}
