import { UsageError, secretOf } from '../settings.ts';
import { wording } from '../wording.ts';

export interface Webhook {
  readonly url: string;
  /** Signs the body, so that the receiver knows who sent it. */
  readonly secret: string | undefined;
}

const NAME = 'ALERT_WEBHOOK_URL';

/** Why nobody can be asked at this address; undefined for all others. The address is a secret (Slack's is): no more of it than its scheme is told. */
function badAddress(address: string): string | undefined {
  const url = URL.parse(address);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.username === '' && url.password === '' ? undefined : wording.webhookUser;
  const scheme = /^([a-z][a-z\d+.-]*:)\/\//i.exec(address)?.[1]?.toLowerCase();
  return scheme === 'https:' || scheme === 'http:' ? wording.webhookHost : wording.webhookScheme(scheme);
}

/** Null where none is set; throws a sentence where what is set is none. */
export function webhookOf(env: NodeJS.ProcessEnv): Webhook | null {
  const url = secretOf(NAME, env);
  if (url === undefined) return null;
  const why = badAddress(url);
  if (why !== undefined) throw new UsageError(wording.badWebhook((env[NAME] ?? '').trim() === '' ? `the file of ${NAME}_FILE` : NAME, why));
  return { url, secret: secretOf('ALERT_WEBHOOK_SECRET', env) };
}

/** Why there is none where there should be one: the file of its address or key cannot be read, or the address is none. */
export function findWebhook(env: NodeJS.ProcessEnv): { readonly webhook: Webhook | null; readonly why: string | null } {
  try {
    return { webhook: webhookOf(env), why: null };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { webhook: null, why: error.message };
  }
}
