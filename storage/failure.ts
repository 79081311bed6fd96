/** Why a store could not be used: what the world did to it, never a bug of ours. */
export interface StoreFailure {
  readonly kind: 'unreachable' | 'denied' | 'full' | 'busy' | 'broken' | 'schema' | 'address' | 'oversized';
  /** Identity without secrets. */
  readonly target: string;
  readonly why: string;
}

export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: StoreFailure };

/** Runs `work`; what `failureOf` knows as an outage becomes a value, anything else is thrown on. */
export async function attempt<T>(failureOf: (error: unknown) => StoreFailure | undefined, work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return { ok: false, failure };
  }
}

/** The folder of an embedded store, relative to the workspace (`stores/sql`); undefined for a server. What is wrong with one can be moved away. */
export const folderOf = (target: string): string | undefined => /^(?:pglite|sqlite):(.+)$/.exec(target)?.[1];
