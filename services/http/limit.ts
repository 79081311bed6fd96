import type { IncomingMessage } from 'node:http';

export interface Limiter {
  /** Seconds until the client may ask again, or 0 where it may now. */
  take(client: string): number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Clients that are remembered; beyond it the one that was silent longest is forgotten, so that many addresses cost no memory. */
const CLIENTS_MAX = 10_000;

/** A token bucket a client: `perSecond` on the long run, `burst` at once. 0 switches it off. */
export function createLimiter(perSecond: number, burst = perSecond * 4, nowMs: () => number = Date.now): Limiter {
  const buckets = new Map<string, Bucket>();
  if (perSecond === 0) return { take: () => 0 };
  return {
    take(client) {
      const now = nowMs();
      const known = buckets.get(client);
      const bucket = known ?? { tokens: burst, atMs: now };
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.atMs) / 1000) * perSecond);
      bucket.atMs = now;
      // Taken out and put in again, it is the newest: a Map keeps the order of insertion.
      if (known !== undefined) buckets.delete(client);
      buckets.set(client, bucket);
      if (buckets.size > CLIENTS_MAX) buckets.delete(buckets.keys().next().value ?? '');
      if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
      bucket.tokens--;
      return 0;
    },
  };
}

/** Who asks. Behind a proxy that is trusted, the address that it saw: the last one of the header, since clients can write the others. */
export function clientOf(request: IncomingMessage, isProxyTrusted: boolean): string {
  const forwarded = request.headers['x-forwarded-for'];
  const last = isProxyTrusted && typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
  const address = last !== undefined && last !== '' ? last : (request.socket.remoteAddress ?? 'unknown');
  // One household has 2^64 addresses of IPv6: its first half counts.
  return address.includes(':') && !address.startsWith('::ffff:') ? address.split(':').slice(0, 4).join(':') : address;
}
