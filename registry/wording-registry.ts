import type { RegistryFailure } from './failure.ts';

/** What the registry and the releases say when they cannot be read or changed: what is wrong, and what to do about it. */
export interface Told {
  readonly problem: string;
  readonly remedy: string;
}

function ofDisk(file: string, code: string, why: string): Told {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return { problem: `Cannot write ${file} as the disk is full`, remedy: 'make room and do it again' };
    case 'EACCES':
    case 'EPERM':
      return { problem: `Cannot use ${file} as this user may not`, remedy: 'give its folder to the user who runs this' };
    case 'EROFS':
      return { problem: `Cannot write ${file} as it lies on a read-only disk`, remedy: 'mount it for writing, or name another workspace' };
    default:
      return { problem: `Cannot use ${file}: ${why}`, remedy: 'look at the disk and do it again' };
  }
}

export function tell(failure: RegistryFailure): Told {
  const { file } = failure;
  switch (failure.kind) {
    case 'broken-registry':
      return { problem: `Cannot read ${file}: ${failure.why}`, remedy: `bring ${file} back from a copy, or move it away to begin with an empty registry` };
    case 'busy':
      return { problem: `Cannot change anything as another process has held ${file} for ${failure.seconds} s`, remedy: `do it again, and if that does not help look for a process that was stopped in the middle, as  fuser ${file}  shows` };
    case 'no-lock':
      return { problem: `Cannot lock ${file}: ${failure.why}`, remedy: 'let the user who runs this write to it, or remove it while nothing else runs' };
    case 'disk':
      return ofDisk(file, failure.code, failure.why);
    case 'half-made':
      return { problem: `Cannot publish as ${file} is missing in what was made`, remedy: 'make the report again: pnpm repro site --force --single' };
    case 'no-whole-release':
      return { problem: `Cannot serve another model as no release is as its manifest says: ${failure.releases.join(', ')}`, remedy: 'publish a new one, by  pnpm repro site --force --single , and do it again' };
    default: {
      const never: never = failure;
      return never;
    }
  }
}

/** The same in one sentence. */
export function sentence(failure: RegistryFailure): string {
  const { problem, remedy } = tell(failure);
  return `${problem}: ${remedy}`;
}

/** Why a release has the model of its run, though the registry may say otherwise. */
export const unsettled = {
  brokenVersion: (version: string): string =>
    `The release has the model of this run, as the registry's champion ${version} cannot be served (its files in models/versions are missing or not those of its manifest): promote another version`,
  failed: (failure: RegistryFailure): string => `The release has the model of this run, whatever the registry says. ${sentence(failure)}`,
};
