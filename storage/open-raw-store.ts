import type { Attempt } from './failure.ts';
import { openEmbeddedRawStore } from './embedded-raw-store.ts';
import type { RawStore } from './raw-store.ts';

export interface RawPlace {
  /** Of the embedded store: `stores/raw` of the workspace. */
  readonly folder: string;
  /** MONGODB_URI: of a server, used instead of the embedded store where it is given. */
  readonly uri: string | undefined;
}

/** The raw store of a workspace: the server's where its address is given, else the embedded one. */
export async function openRawStore({ folder, uri }: RawPlace): Promise<Attempt<RawStore>> {
  if (uri === undefined || uri.trim() === '') return openEmbeddedRawStore(folder);
  // Loaded here, as its driver takes a tenth of a second that the embedded store need not wait for.
  const { openMongoRawStore } = await import('./mongo-raw-store.ts');
  return openMongoRawStore(uri);
}
