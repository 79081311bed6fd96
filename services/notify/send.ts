import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from './message.ts';

export interface Webhook {
  readonly url: string;
  /** Signs the body, so that the receiver knows who sent it. */
  readonly secret: string | undefined;
}

export type Sent = { readonly ok: true; readonly tries: number } | { readonly ok: false; readonly tries: number; readonly why: string };

const TIMEOUT_MS = 5000;
const PAUSES_MS = [500, 2000] as const;

/** `sha256=...` of the body, as GitHub and many others sign their webhooks. */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

async function sendOnce({ url, secret }: Webhook, message: Message, body: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST', body, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { 'Content-Type': 'application/json', 'X-Event-Id': message.id, ...(secret === undefined ? {} : { 'X-Signature-256': signatureOf(body, secret) }) },
    });
    await response.arrayBuffer();
    return response.ok ? undefined : `status ${response.status}`;
  } catch (error) {
    // The address is a secret of its own (Slack's is): only what went wrong is told.
    const cause = error instanceof Error && error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : undefined;
    return cause ?? (error instanceof Error && error.name === 'TimeoutError' ? `no answer within ${TIMEOUT_MS / 1000} s` : 'no connection');
  }
}

/** Three tries with growing pauses. Never throws: a failed notification fails no run. */
export async function sendMessage(webhook: Webhook, message: Message, pausesMs: readonly number[] = PAUSES_MS): Promise<Sent> {
  const body = JSON.stringify(message);
  let why: string | undefined;
  for (let tries = 1; ; tries++) {
    why = await sendOnce(webhook, message, body);
    if (why === undefined) return { ok: true, tries };
    const pause = pausesMs[tries - 1];
    if (pause === undefined) return { ok: false, tries, why };
    await sleep(pause);
  }
}
