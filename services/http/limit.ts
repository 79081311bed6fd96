import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

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

/**
 * A token bucket a client: `perSecond` on the long run, `burst` at once. 0 switches it off. It counts for this process alone:
 * to ask the other ones at every request would cost more than most requests do.
 */
export function createLimiter(perSecond: number, burst = perSecond * 4, nowMs: () => number = () => performance.now()): Limiter {
  const buckets = new Map<string, Bucket>();
  if (perSecond === 0) return { take: () => 0 };
  return {
    take(client) {
      // Time since the start of the process, not of the day: a clock that is set back would shut everybody out.
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

/** The eight groups of an address of IPv6, however it is written; its last two may be written as an address of IPv4. */
function groupsOf(address: string): readonly number[] {
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').flatMap((group) => {
      if (!group.includes('.')) return [Number.parseInt(group, 16)];
      const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
      return [a * 256 + b, c * 256 + d];
    });
  const [before = '', after] = address.replace(/%.*$/, '').split('::');
  const [head, tail] = [read(before), read(after ?? '')];
  return after === undefined ? head : [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
}

/** One household has 2^64 addresses of IPv6: its first half counts. An address of IPv4 that is written as one of IPv6 is itself. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const groups = groupsOf(address);
  const [high = 0, low = 0] = groups.slice(6);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  return groups.slice(0, 4).map((group) => group.toString(16)).join(':');
}

/** An address as proxies write it, without its port; undefined where it is none. */
function addressOf(written: string): string | undefined {
  if (isIP(written) !== 0) return written;
  const bare = /^\[(.+)\](?::\d+)?$/.exec(written)?.[1] ?? /^([\d.]+):\d+$/.exec(written)?.[1] ?? '';
  return isIP(bare) === 0 ? undefined : bare;
}

/** Who asks. Behind a proxy that is trusted, the address that it saw: the last one of the header, since clients can write the others. */
export function clientOf(request: IncomingMessage, isProxyTrusted: boolean): string {
  const forwarded = isProxyTrusted ? request.headers['x-forwarded-for'] : undefined;
  const last = typeof forwarded === 'string' ? addressOf(forwarded.slice(forwarded.lastIndexOf(',') + 1).trim()) : undefined;
  return networkOf(last ?? request.socket.remoteAddress ?? 'unknown');
}
