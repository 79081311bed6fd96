import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { logTrouble } from '../disk.ts';
import { openLog } from '../log.ts';
import type { Logger } from '../log.ts';
import { UsageError, secretOf } from '../settings.ts';
import { openRuns } from '../state/runs.ts';
import { HookEvent } from './event.ts';
import { messageOf } from './message.ts';
import { emptyOutbox, outboxFolder, putOut } from './outbox.ts';
import { sendMessage } from './send.ts';
import type { Webhook } from './send.ts';
import { addToTally } from './tally.ts';
import { wording } from '../wording.ts';

export function webhookOf(env: NodeJS.ProcessEnv): Webhook | null {
  const url = secretOf('ALERT_WEBHOOK_URL', env);
  return url === undefined ? null : { url, secret: secretOf('ALERT_WEBHOOK_SECRET', env) };
}

/** Why there is none where there should be one: the file of its address or key cannot be read. */
function findWebhook(env: NodeJS.ProcessEnv): { readonly webhook: Webhook | null; readonly why: string | null } {
  try {
    return { webhook: webhookOf(env), why: null };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { webhook: null, why: error.message };
  }
}

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

async function flush({ workspace, webhook, log }: Flushing): Promise<void> {
  const { sent, left, cut } = await emptyOutbox(workspace, async (message) => {
    const answer = await sendMessage(webhook, message);
    addToTally(workspace, { [answer.ok ? 'webhook:sent' : 'webhook:failed']: 1 });
    if (!answer.ok) log.warn({ event: message.id, tries: answer.tries, why: answer.why, run: message.run.id, stage: message.stage }, wording.alertWaits);
    return answer.ok;
  });
  for (const { id, kind, run, stage } of sent) log.info({ event: id, kind, run: run.id, stage }, wording.alertTold);
  for (const name of cut) log.error(wording.alertCut(path.join(outboxFolder(workspace), name)));
  if (left > 0) log.warn({ left }, wording.alertsWait);
}

/** What a stage emits when it fails for a reason of its own: the team is told of that, not once more that the stage failed. */
const FAILURES: readonly string[] = ['quality-error', 'stale-data'];
const isTold = ({ kind, emitted }: HookEvent): boolean => kind === 'stage-failed' && emitted.some((one) => FAILURES.includes(one));

interface Telling {
  readonly workspace: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
}

/** Which app of which source it is about, by the record of the run; null where the run ended before anything was collected. */
function datasetOf(workspace: string, { run, facts }: HookEvent): string | null {
  const told = openRuns(workspace).read(run.id)?.stages.map((stage) => stage.facts.dataset).find((dataset) => dataset !== undefined);
  return String(facts.dataset ?? told ?? '') || null;
}

/** Tells of one event: into the log of alerts, always; to the webhook where there is one. */
export async function tell(event: HookEvent, { workspace, env, log }: Telling): Promise<void> {
  const message = messageOf(event, { reportUrl: env.REPORT_URL ?? null, now: new Date(), who: { dataset: datasetOf(workspace, event), machine: hostname(), startedBy: env.ALERT_CAUSE ?? null } });
  const { id, severity, kind, stage, title, facts, run } = message;
  log[severity === 'info' ? 'info' : severity === 'warning' ? 'warn' : 'error']({ event: id, kind, run: run.id, stage, facts }, title);
  addToTally(workspace, { [`log:${severity}`]: 1 });
  // The scheduler tries a failed run again before anybody is woken.
  const isLater = env.ALERT_LATER === '1' && (kind === 'stage-failed' || (severity === 'error' && FAILURES.includes(kind)));
  if (isLater || isTold(event)) return;
  const found = findWebhook(env);
  if (found.webhook === null && found.why === null) return;
  // Also where it cannot be sent from here: the next message, or the scheduler, takes it along.
  putOut(workspace, message);
  if (found.webhook === null) {
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
  if (answer.ok) console.log(wording.webhookTook);
  else console.error(wording.webhookRefused(answer.why));
  return answer.ok ? 0 : 1;
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
