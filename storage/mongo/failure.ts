import { MongoError, MongoNetworkError, MongoRuntimeError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { addressFailure } from '../address.ts';
import type { StoreFailure } from '../failure.ts';
import { wording } from '../wording.ts';
import { Oversized } from './bulk.ts';

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

/** Errors of an address or its options, which the parser throws by names of its own package; those of an address itself may quote a part of it. */
const ADDRESS = new Set(['MongoParseError', 'MongoInvalidArgumentError', 'MongoMissingCredentialsError', 'MongoAPIError']);
const QUOTING = /unescaped|malformed|Invalid connection string|^Unable to parse/i;

/** Codes of a name that could not be looked up; those of a query for SRV and TXT come as they are, not as errors of the driver. */
const NAMES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ESERVFAIL', 'ETIMEOUT', 'ECONNREFUSED', 'ENODATA', 'EREFUSED']);

function isNameLost(error: Error): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return NAMES.has(code ?? '') || /^(query|getaddrinfo)/.test(syscall ?? '') || error.message.startsWith('No addresses found');
}

/** What the world did to the server; undefined for a bug. */
export function mongoFailure(target: string, error: unknown): StoreFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof Oversized) return { kind: 'oversized', target, why: wording.oversized(error.id, error.bytes) };
  if (isNameLost(error)) return { kind: 'unreachable', target, why: clean(error.message) };
  if (ADDRESS.has(error.name) || (error instanceof MongoRuntimeError && QUOTING.test(error.message))) return addressFailure('MONGODB_URI', QUOTING.test(error.message) ? wording.unreadable : clean(error.message));
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
