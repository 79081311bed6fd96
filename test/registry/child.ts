// A process that changes the registry or the releases: node test/registry/child.ts '<a Task as JSON>'. It prints what it was told, one JSON a line.
import fs, { existsSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Wish } from '../../registry/serve-model.ts';

export interface Task {
  readonly workspace: string;
  readonly does: readonly Deed[];
  /** Sends itself a signal just before it renames something to a path of this pattern. */
  readonly signal?: { readonly name: 'SIGKILL' | 'SIGSTOP'; readonly renaming: string };
}

export type Deed =
  | { readonly kind: 'promote' | 'rollback'; readonly model: string | null; readonly waitMs?: number }
  | { readonly kind: 'publish'; readonly id: string; readonly model: string; readonly signal?: 'SIGKILL' | 'SIGSTOP'; readonly reviewsBytes?: number }
  /** Adds one to a number in a file, slowly, under the lock. */
  | { readonly kind: 'count'; readonly file: string; readonly times: number }
  /** Holds the lock until this file is there. */
  | { readonly kind: 'hold'; readonly until: string };

/** A database of so many bytes, as the reviews of a release are one. */
function fill(file: string, bytes: number): void {
  const database = new DatabaseSync(file);
  try {
    database.exec('CREATE TABLE reviews (text TEXT)');
    database.prepare('INSERT INTO reviews VALUES (?)').run('x'.repeat(bytes));
  } finally {
    database.close();
  }
}

const tell = (value: unknown): void => console.log(JSON.stringify(value));

/** Before anything of ours is loaded: what it imports of node:fs is this. */
function arm({ name, renaming }: NonNullable<Task['signal']>): void {
  const { renameSync } = fs;
  fs.renameSync = (from, to) => {
    if (new RegExp(renaming).test(String(to))) process.kill(process.pid, name);
    renameSync(from, to);
  };
  syncBuiltinESMExports();
}

async function main(task: Task): Promise<void> {
  if (task.signal !== undefined) arm(task.signal);
  const [{ Models }, { promoteByHand, rollBack }, { withRegistryLock }] = await Promise.all([import('./rig.ts'), import('../../registry/serve-model.ts'), import('../../registry/lock.ts')]);
  const models = new Models(task.workspace);

  async function act(deed: Deed): Promise<unknown> {
    switch (deed.kind) {
      case 'promote':
      case 'rollback': {
        const wish: Wish = models.wish(deed.model, deed.waitMs === undefined ? {} : { waitMs: deed.waitMs });
        return deed.kind === 'rollback' ? rollBack(wish) : promoteByHand({ ...wish, version: wish.version ?? '' });
      }
      case 'publish': {
        const publication = models.publication(deed.id, deed.model);
        const add = (folder: string): void => {
          publication.add?.(folder);
          if (deed.reviewsBytes !== undefined) fill(`${folder}/data/more.sqlite`, deed.reviewsBytes);
          if (deed.signal === undefined) return;
          tell('staging');
          process.kill(process.pid, deed.signal);
        };
        return models.publish(deed.id, deed.model, { add });
      }
      case 'count':
        for (let time = 0; time < deed.times; time++) {
          await withRegistryLock(models.folder, async () => {
            const before = Number(fs.readFileSync(deed.file, 'utf8'));
            await sleep(1);
            fs.writeFileSync(deed.file, String(before + 1));
            return { ok: true, value: null };
          });
        }
        return 'counted';
      case 'hold':
        return withRegistryLock(models.folder, async () => {
          tell('held');
          while (!existsSync(deed.until)) await sleep(5);
          return { ok: true, value: 'freed' };
        });
      default: {
        const never: never = deed;
        return never;
      }
    }
  }

  for (const deed of task.does) tell(await act(deed));
}

await main(JSON.parse(process.argv[2] ?? '') as Task);
