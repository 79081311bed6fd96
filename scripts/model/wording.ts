import type { RegistryFailure } from '../../registry/failure.ts';
import type { Served } from '../../registry/serve-model.ts';
import { sentence } from '../../registry/wording-registry.ts';

export const USAGE = `Usage: pnpm model <command> [--workspace DIR] [--source play|file|sample] [--app ID]

  list                          the versions, which one serves, and their scores
  show <version>                one version, and when it was champion, by whom and why
  promote <version> --reason R  makes a version champion, whatever the gate said
  rollback [version] --reason R serves the champion before this one (or an earlier one); the same again undoes it

A promotion or rollback takes effect at once in a running server, or not at all; promoting the champion once more mends a release
that was cut short. The next  pnpm repro  makes predictions and report with it.`;

function released({ release, version }: Extract<Served, { kind: 'served' }>): string {
  if (release === null) return 'Nothing is released yet: the next  pnpm repro  publishes it.';
  const labels = release.predictedBy === version ? '' : ` The labels in the report are still of ${release.predictedBy ?? 'no model'}: pnpm repro  makes new ones.`;
  return `Release ${release.id} serves it.${labels}`;
}

export const wording = {
  noDataset: (dataset: string, others: readonly string[]): string =>
    `There is no model of ${dataset} yet${others.length === 0 ? ': run  pnpm repro' : `: choose by --source and --app from ${others.join(', ')}, or run  pnpm repro`}`,
  tooMany: (words: readonly string[]): string => `Cannot make sense of ${words.map((word) => JSON.stringify(word)).join(' and ')}: leave it out (a reason of several words needs quotes)`,
  blankVersion: 'The version is blank, which may be any: name one, as in  pnpm model list  (is a variable of your shell not set?)',
  blankFlag: (flag: string): string => `--${flag} is blank: give it a value, or leave it out (is a variable of your shell not set?)`,
  noVersion: 'Name a version, as in  pnpm model list',
  noReason: 'Say why, with --reason: it stays in the log for those who come after you',
  unknown: (version: string, known: readonly string[]): string => `There is no version "${version}": choose from ${known.join(', ')}`,
  ambiguous: (version: string, matches: readonly string[]): string => `"${version}" may be ${matches.join(' or ')}: give more of it`,
  broken: (version: string): string => `Cannot serve ${version} as its files in models/versions are missing or not those of its manifest: choose another version`,
  noEarlier: 'There is no earlier champion to go back to',
  neverChampion: (version: string, champions: readonly string[]): string => `${version} never was champion: promote it, or roll back to ${champions.join(', ')}`,
  mended: ({ version, previous, release }: Extract<Served, { kind: 'mended' }>): string =>
    `${version} is the champion already, but ${previous === null || previous === version ? 'its release was broken' : `the release still had ${previous}`}: release ${release.id} serves it now. Nothing else was changed`,
  failed: (failure: RegistryFailure): string => sentence(failure),
  already: (version: string): string => `${version} is the champion already; nothing to do`,
  served: (served: Extract<Served, { kind: 'served' }>): string => `Champion is now ${served.version}${served.previous === null ? '' : ` (it was ${served.previous})`}. ${released(served)}`,
};
