/** What the gate says, in decision.json, in the log of the registry and on the terminal. */

interface Scored {
  readonly version: string;
  readonly macroF1: number;
}

const score = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : 'unknown');

export const wording = {
  floor: (value: number, limit: number, passed: boolean): string =>
    passed ? `macro-F1 ${score(value)} reaches gate.macroF1Min ${limit}` : `macro-F1 ${score(value)} is below gate.macroF1Min ${limit}`,
  notWorse: ({ candidate, champion, margin, passed }: { candidate: Scored; champion: Scored; margin: number; passed: boolean }): string =>
    passed
      ? `macro-F1 ${score(candidate.macroF1)} is not worse than the champion's ${score(champion.macroF1)} on the same rows (gate.margin ${margin})`
      : `macro-F1 ${score(candidate.macroF1)} is worse than the champion's ${score(champion.macroF1)} on the same rows by more than gate.margin ${margin}`,
  rolledBack: (version: string, passed: boolean): string => (passed ? `version ${version} was never rolled back` : `version ${version} was rolled back before`),
  unchanged: (version: string): string => `version ${version} is the champion already`,
  first: (candidate: Scored): string => `the first model of this dataset, macro-F1 ${score(candidate.macroF1)}`,
  promoted: (candidate: Scored, champion: Scored): string => `macro-F1 ${score(candidate.macroF1)} against ${score(champion.macroF1)} of ${champion.version} on the same rows`,
};
