import { z } from 'zod';
import type { RawStore } from './raw-store.ts';

/** Backups that a store remembers of a dataset: more than two workspaces that share a server write in a month. */
const KEPT = 100;

const Known = z.object({ names: z.array(z.string()), held: z.number().int() });

/** What a store knows of the backups of a dataset: those that it wrote, by name, the newest last, and how many reviews it held then. */
export type KnownBackups = Readonly<z.infer<typeof Known>>;

const placeOf = (dataset: string): string => `${dataset}#backup`;

export async function knownBackups(raw: RawStore, dataset: string): Promise<KnownBackups> {
  return Known.safeParse(await raw.readMemory(placeOf(dataset))).data ?? { names: [], held: 0 };
}

/**
 * Remembers that the store holds all that a backup says. To be called before the backup is put in its place: where a run is killed
 * in between, what lies there is the one before, which is known as well.
 */
export async function rememberBackup(raw: RawStore, dataset: string, { name, held }: { readonly name: string; readonly held: number }): Promise<void> {
  const known = await knownBackups(raw, dataset);
  if (known.names.at(-1) === name && known.held === held) return;
  await raw.writeMemory(placeOf(dataset), { names: [...known.names.filter((one) => one !== name), name].slice(-KEPT), held } satisfies KnownBackups);
}

/** Whether a backup that a store does not know is from another one, which went on where this one stopped; a store without any memory may as well be filled anew. */
export const isNewer = ({ names }: KnownBackups, name: string): boolean => names.length > 0 && !names.includes(name);
