export const USAGE = 'Usage: STATE_KEY=... pnpm state pull | push   (REPRO_WORKSPACE names the workspace, STATE_REMOTE another repository)';

/** Every sentence of `pnpm state`. */
export const wording = {
  noKey: 'Cannot keep the workspace without STATE_KEY: it holds what users wrote, which is only kept encrypted',
  noRemote: 'Cannot tell which repository keeps the workspace: set GITHUB_REPOSITORY (owner/name), as GitHub does, or STATE_REMOTE',
  nothingKept: 'nothing is kept yet: the first run begins anew',
  nothingToKeep: (workspace: string): string => `error: Cannot keep ${workspace} as nothing of a run is in it: what is kept already stays`,
  unreachable: (remote: string, why: string): string => `error: Cannot reach ${remote}: ${why}`,
  refused: (remote: string, why: string): string => `error: Cannot write to ${remote}: ${why}`,
  unreadable: (remote: string, branch: string): string =>
    `error: Cannot read what is kept on branch ${branch} of ${remote}: STATE_KEY is not the one that it was written with, or the branch is damaged. The workspace is as it was. Where that key is lost, delete the branch: the next run begins anew`,
  notUnpacked: (workspace: string, why: string): string => `error: Cannot unpack what is kept into ${workspace}: ${why}`,
  notPacked: (workspace: string, why: string): string => `error: Cannot pack ${workspace}: ${why}`,
  took: (bytes: number): string => `took over what the last run left, ${(bytes / 1e6).toFixed(1)} MB`,
  kept: (folders: number, bytes: number): string => `kept ${folders} folders, ${(bytes / 1e6).toFixed(1)} MB`,
};
