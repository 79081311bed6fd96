import { existsSync } from 'node:fs';
import path from 'node:path';
import { wording } from './wording.ts';

const ASK_MS = 3000;
const TOO_MANY = 429;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Status 0 where there was no answer at all. */
export async function ask(url: string, body?: unknown): Promise<Answer> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(ASK_MS), headers: { Connection: 'close', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) }, ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    return { status: 0, text: error instanceof Error ? error.message : String(error) };
  }
}

/** A field of an answer in JSON, where it is a text. */
export function field({ text }: Answer, name: string): string | undefined {
  try {
    const value = (JSON.parse(text) as Readonly<Record<string, unknown>> | null)?.[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    // No JSON: an answer of somebody else, or half a page of a proxy.
    return undefined;
  }
}

/**
 * `limited`: all is well but that page or prediction was not seen, as others use up what one address may ask. `empty`: there is nothing to
 * show yet, which is so on a new machine.
 */
export type Health = { readonly kind: 'well' } | { readonly kind: 'limited' } | { readonly kind: 'empty' } | { readonly kind: 'ill'; readonly why: string };

const ill = (what: string, { text }: Answer): Health => ({ kind: 'ill', why: `${what}: ${text.slice(0, 200)}` });

/** Asks a server what a reader would: is it ready, does it show the report, and does it predict? */
export async function healthOf(url: string, workspace: string): Promise<Health> {
  const health = await ask(`${url}/healthz`);
  if (field(health, 'status') === 'empty') return existsSync(path.join(workspace, 'releases', 'current')) ? { kind: 'ill', why: wording.blind } : { kind: 'empty' };
  for (const [what, answer] of [['/healthz', health], ['/readyz', await ask(`${url}/readyz`)], ['/', await ask(`${url}/`)]] as const) {
    if (answer.status === TOO_MANY) return { kind: 'limited' };
    if (answer.status !== 200) return ill(what, answer);
  }
  // The first run's model may have been rejected: then none serves, which is no illness of the code.
  if (field(health, 'model') === undefined) return { kind: 'well' };
  const predicted = await ask(`${url}/api/predict`, { text: 'bagus' });
  if (predicted.status === TOO_MANY) return { kind: 'limited' };
  return predicted.status === 200 ? { kind: 'well' } : ill('/api/predict', predicted);
}
