import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { realDisk } from '../../runner/disk.ts';
import { lockWorkspace } from '../../runner/workspace-lock.ts';
import { AppId, Source } from '../../schema/app.ts';

export const CODE = path.resolve(import.meta.dirname, '../..');

/** The workspace a command works on: named, or of the environment, or where the code is. */
export function workspaceOf(named: string | undefined): string {
  return path.resolve(named ?? process.env.REPRO_WORKSPACE ?? CODE);
}

const Params = z.object({ collect: z.object({ source: Source, app: AppId }) });

/** What params.yaml says of the source and the app. */
export function configured(): z.infer<typeof Params>['collect'] {
  return Params.parse(parse(readFileSync(path.join(CODE, 'params.yaml'), 'utf8'))).collect;
}

/** Runs `work` while no run is under way in the workspace, and none can begin. */
export async function alone(workspace: string, work: () => Promise<number>): Promise<number> {
  const lock = await lockWorkspace({
    workspace, disk: realDisk, now: new Date().toISOString(), wait: true, signal: new AbortController().signal,
    onWait: ({ pid }) => console.error(`Waiting for the run of process ${pid ?? 'unknown'} to end`),
  });
  if (lock.kind !== 'held') return 1;
  try {
    return await work();
  } finally {
    lock.release();
  }
}
