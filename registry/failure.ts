import path from 'node:path';

/** Why the registry or a release could not be read or changed: what the world did to it, never a bug of ours. */
export type RegistryFailure =
  /** registry.json is no JSON, or does not fit its schema. */
  | { readonly kind: 'broken-registry'; readonly file: string; readonly why: string }
  /** Somebody else has held the lock all the time. */
  | { readonly kind: 'busy'; readonly file: string; readonly seconds: number }
  | { readonly kind: 'no-lock'; readonly file: string; readonly why: string }
  /** The system refused a read or a write; `code` is that of errno. */
  | { readonly kind: 'disk'; readonly file: string; readonly code: string; readonly why: string }
  /** What was to be published lacks this file. */
  | { readonly kind: 'half-made'; readonly file: string }
  /** None of the releases that are there is as its manifest says, so that there is nothing to give another model to. */
  | { readonly kind: 'no-whole-release'; readonly file: string; readonly releases: readonly string[] };

export type Refused = { readonly ok: false; readonly failure: RegistryFailure };
export type Attempt<T> = { readonly ok: true; readonly value: T } | Refused;

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** ENOSPC and its siblings; Node's own codes, which tell of mistakes in our code, begin with ERR_. */
const SYSTEM = /^E[A-Z0-9]+$/;
/** SQLITE_IOERR and SQLITE_FULL, in the last byte of its codes: what the system says through it, as the reviews of a release are written. */
const SQLITE: Readonly<Record<number, string>> = { 10: 'EIO', 13: 'ENOSPC' };

function systemCode(error: unknown): string | undefined {
  const code = errorCode(error);
  if (code !== 'ERR_SQLITE_ERROR') return code !== undefined && SYSTEM.test(code) ? code : undefined;
  const { errcode } = error as { readonly errcode?: unknown };
  return typeof errcode === 'number' ? SQLITE[errcode & 0xff] : undefined;
}

function fileOf(error: unknown, workspace: string, otherwise: string): string {
  const { path: from, dest } = error as { readonly path?: unknown; readonly dest?: unknown };
  const named = [dest, from].find((value) => typeof value === 'string');
  if (typeof named !== 'string') return otherwise;
  const relative = path.relative(workspace, named);
  if (relative === '') return otherwise;
  return relative.startsWith('..') ? named : relative;
}

/** What the system said about one of our reads or writes, as a value; anything else is a bug and thrown on. `otherwise` is told where it names no file. */
export function refused(error: unknown, workspace: string, otherwise = 'the workspace'): Refused {
  const code = systemCode(error);
  if (!(error instanceof Error) || code === undefined) throw error;
  // `ENOTDIR: not a directory, open '/…'`: the rest tells where things lie on this machine, and answers of the API say it too.
  return { ok: false, failure: { kind: 'disk', file: fileOf(error, workspace, otherwise), code, why: error.message.split(',')[0] ?? code } };
}

/** Runs `work`, which may meet the system's refusals anywhere. */
export async function attempt<T>(workspace: string, work: () => Attempt<T> | Promise<Attempt<T>>): Promise<Attempt<T>> {
  try {
    return await work();
  } catch (error) {
    return refused(error, workspace);
  }
}
