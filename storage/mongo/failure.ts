import { MongoError, MongoInvalidArgumentError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import type { StoreFailure } from '../failure.ts';

/** `mongodb://host:27017/ulasan`: without user, password and options, which may be secret. */
export function targetOf(uri: string): string {
  const [, scheme, hosts, database] = /^(mongodb(?:\+srv)?):\/\/(?:[^@/]*@)?([^/?]*)(?:\/([^?]*))?/.exec(uri) ?? [];
  return scheme === undefined ? 'mongodb (the address in MONGODB_URI)' : `${scheme}://${hosts ?? ''}/${database === undefined || database === '' ? 'test' : database}`;
}

/** Codes of the server (https://www.mongodb.com/docs/manual/reference/error-codes/). */
const CODES: Readonly<Record<number, StoreFailure['kind']>> = { 13: 'denied', 18: 'denied', 8000: 'denied', 14031: 'full', 12501: 'full', 24: 'busy', 46: 'busy', 91: 'unreachable', 189: 'unreachable', 11600: 'unreachable', 11602: 'unreachable', 10107: 'unreachable', 13435: 'unreachable' };

const LOST = /connection .*(closed|timed out|interrupted)|ECONNRESET|EPIPE|ECONNREFUSED|socket/i;

/** The message without anything that may hold the address with its password. */
const clean = (message: string): string => message.replaceAll(/mongodb(?:\+srv)?:\/\/\S+/g, 'the server').split('\n')[0] ?? '';

/** What the world did to the server; undefined for a bug. */
export function mongoFailure(target: string, error: unknown): StoreFailure | undefined {
  // The parser of addresses throws an error of its own package, by the same name.
  if (error instanceof MongoInvalidArgumentError || (error instanceof Error && error.name === 'MongoParseError')) return { kind: 'broken', target, why: `the address in MONGODB_URI cannot be used: ${clean(error.message)}` };
  if (!(error instanceof MongoError)) return undefined;
  const fail = (kind: StoreFailure['kind']): StoreFailure => ({ kind, target, why: clean(error.message) });
  if (error instanceof MongoServerError) {
    const kind = CODES[Number(error.code)];
    if (kind !== undefined) return fail(kind);
    // A bulk write wraps whatever happened to its connection.
    if (LOST.test(error.message)) return fail('unreachable');
    return /auth/i.test(error.message) ? fail('denied') : undefined;
  }
  if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError) return fail(/auth/i.test(error.message) ? 'denied' : 'unreachable');
  // Pools that were cleared, topologies that closed: all say that the server went away.
  return /Pool|Topology|NotConnected|Timeout|ConnectionClosed/i.test(error.name) ? fail('unreachable') : undefined;
}
