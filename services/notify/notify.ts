import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openLog } from '../log.ts';
import type { Logger } from '../log.ts';
import { secretOf } from '../settings.ts';
import { HookEvent } from './event.ts';
import { messageOf } from './message.ts';
import { emptyOutbox, putOut } from './outbox.ts';
import { sendMessage } from './send.ts';
import type { Webhook } from './send.ts';
import { addToTally } from './tally.ts';

export function webhookOf(env: NodeJS.ProcessEnv): Webhook | null {
  const url = secretOf('ALERT_WEBHOOK_URL', env);
  return url === undefined ? null : { url, secret: secretOf('ALERT_WEBHOOK_SECRET', env) };
}

/** Sends what waits in the outbox. The scheduler does it too, so that an outage of the receiver heals by itself. */
export async function flushOutbox({ workspace, webhook, log }: { readonly workspace: string; readonly webhook: Webhook; readonly log: Logger }): Promise<void> {
  const { sent, left } = await emptyOutbox(workspace, async (message) => {
    const answer = await sendMessage(webhook, message);
    addToTally(workspace, { [answer.ok ? 'webhook:sent' : 'webhook:failed']: 1 });
    if (!answer.ok) log.warn({ event: message.id, tries: answer.tries, why: answer.why, run: message.run.id }, 'the webhook did not take an alert; it waits in the outbox');
    return answer.ok;
  });
  for (const { id, kind, run } of sent) log.info({ event: id, kind, run: run.id }, 'told the team');
  if (left > 0) log.warn({ left }, 'alerts wait in the outbox');
}

/** Tells of one event: into the log of alerts, always; to the webhook where there is one. Only a bug makes it fail. */
export async function main(env: NodeJS.ProcessEnv): Promise<number> {
  const { REPRO_EVENT: file, REPRO_WORKSPACE: workspace } = env;
  if (file === undefined || workspace === undefined) {
    console.error('Cannot tell of an event as there is none: this is a hook, which  pnpm repro  runs (see "on:" in pipeline.yaml)');
    return 2;
  }
  const event = HookEvent.parse(JSON.parse(readFileSync(file, 'utf8')));
  const log = openLog({ service: 'alerts', folder: path.join(workspace, 'logs'), isTerminal: false });
  const message = messageOf(event, { reportUrl: env.REPORT_URL ?? null, now: new Date() });
  const { id, severity, kind, title, facts, run } = message;
  log[severity === 'info' ? 'info' : severity === 'warning' ? 'warn' : 'error']({ event: id, kind, run: run.id, stage: event.stage, facts }, title);
  addToTally(workspace, { [`log:${severity}`]: 1 });
  const webhook = webhookOf(env);
  // The scheduler tries a failed run again before anybody is woken.
  if (webhook === null || (kind === 'stage-failed' && env.ALERT_LATER === '1')) return 0;
  putOut(workspace, message);
  await flushOutbox({ workspace, webhook, log });
  return 0;
}
