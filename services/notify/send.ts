import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { wording } from '../wording.ts';
import { answerOf } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Message } from './message.ts';
import type { Webhook } from './webhook.ts';

export type Sent = Answer & { readonly tries: number };
export type Unsent = Exclude<Sent, { readonly kind: 'taken' }>;

const TIMEOUT_MS = 5000;
const PAUSES_MS = [500, 2000] as const;
/** A receiver that asks for a longer pause is not waited for: the hook of a run has a minute. */
const PATIENCE_MS = 5000;

/** `sha256=...` of the body, as GitHub and many others sign their webhooks. */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

async function sendOnce(webhook: Webhook, message: Message, body: string): Promise<Answer> {
  const { url, secret } = webhook;
  try {
    const response = await fetch(url, {
      method: 'POST', body, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { 'Content-Type': 'application/json', 'X-Event-Id': message.id, ...(secret === undefined ? {} : { 'X-Signature-256': signatureOf(body, secret) }) },
    });
    return await answerOf(response, webhook);
  } catch (error) {
    // The address is a secret of its own (Slack's is): only what went wrong is told.
    const cause = error instanceof Error && error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : undefined;
    return { kind: 'later', why: cause ?? (error instanceof Error && error.name === 'TimeoutError' ? wording.noAnswer(TIMEOUT_MS / 1000) : wording.noConnection), afterMs: null };
  }
}

export interface Trying {
  readonly pausesMs?: readonly number[];
  readonly wait?: (ms: number) => Promise<unknown>;
}

/**
 * Three tries with growing pauses, or those that the receiver asks for; one where another try would help nobody. Never throws: a failed
 * notification fails no run.
 */
export async function sendMessage(webhook: Webhook, message: Message, { pausesMs = PAUSES_MS, wait = sleep }: Trying = {}): Promise<Sent> {
  const body = JSON.stringify(message);
  for (let tries = 1; ; tries++) {
    const answer = await sendOnce(webhook, message, body);
    const pause = pausesMs[tries - 1];
    if (answer.kind !== 'later' || pause === undefined || (answer.afterMs ?? 0) > PATIENCE_MS) return { ...answer, tries };
    await wait(Math.max(pause, answer.afterMs ?? 0));
  }
}
