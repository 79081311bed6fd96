import type { StoreFailure } from '../failure.ts';

/** Classes and codes of SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html), the longer ones first. */
const STATES: readonly (readonly [string, StoreFailure['kind']])[] = [
  ['53100', 'full'], ['53200', 'full'], ['53300', 'busy'], ['55P03', 'busy'], ['55006', 'busy'], ['57014', 'busy'], ['40001', 'busy'], ['40P01', 'busy'], ['25006', 'denied'], ['42501', 'denied'],
  // A relation, column, key or function that is not there, or is another one: somebody changed the schema.
  ['42P01', 'schema'], ['42703', 'schema'], ['42P07', 'schema'], ['42P10', 'schema'], ['42P16', 'schema'], ['42809', 'schema'], ['42883', 'schema'], ['42804', 'schema'],
  ['3D000', 'broken'], ['08', 'unreachable'], ['57P', 'unreachable'], ['28', 'denied'], ['58', 'broken'], ['XX00', 'broken'],
];
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT', 'ERR_ACCESS_DENIED']);
const FILES: Readonly<Record<string, StoreFailure['kind']>> = { ENOSPC: 'full', EDQUOT: 'full', EACCES: 'denied', EROFS: 'denied', EIO: 'broken', EEXIST: 'broken', ENOTDIR: 'broken' };
/** How the embedded PostgreSQL ends where it finds something else than its own files: before it is there, or by a trap of its WebAssembly. */
const NO_START = /^PGlite failed to initialize|^Cannot process startup packet/;
const LOST = /Connection terminated|connection (error|closed|timeout)|timeout expired|not queryable|Client has encountered|client was closed|server closed the connection/i;

interface Thrown {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly errors?: readonly unknown[];
  readonly name?: unknown;
  readonly errno?: unknown;
}

/** Never the address: it may hold a password. */
const clean = (message: string): string => message.replaceAll(/postgres(ql)?:\/\/\S+/g, 'the server').split('\n')[0] ?? '';

/** What the world did to the SQL store; undefined for a bug. */
export function sqlFailure(target: string, error: unknown): StoreFailure | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { message, code, errors, name, errno } = error as Thrown;
  // Several addresses of one name were tried: the first tells enough.
  if (errors?.[0] !== undefined) return sqlFailure(target, errors[0]);
  const why = clean(typeof message === 'string' && message !== '' ? message : String(code ?? name ?? 'no reason given'));
  const fail = (kind: StoreFailure['kind']): StoreFailure => ({ kind, target, why });
  // The file system of the embedded store, which throws plain objects with numbers: 51 is no space left (WASI).
  if (name === 'ErrnoError') return errno === 51 ? { kind: 'full', target, why: 'no space left on the disk' } : { kind: 'broken', target, why: `its files cannot be used (error ${String(errno)})` };
  if (name === 'RuntimeError' || NO_START.test(why)) return { kind: 'broken', target, why: `its files are damaged, so that PostgreSQL does not run on them (${why})` };
  if (typeof code === 'string') {
    const file = FILES[code];
    if (file !== undefined) return fail(file);
    if (NETWORK.has(code)) return fail('unreachable');
    const state = STATES.find(([prefix]) => code.startsWith(prefix));
    if (state !== undefined) return fail(state[1]);
  }
  return LOST.test(why) ? fail('unreachable') : undefined;
}
