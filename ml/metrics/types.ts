export interface ClassScore<L extends string> {
  readonly label: L;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

export interface Averages {
  precision: number;
  recall: number;
  f1: number;
}

/** Of `rows` rows. Everything but the counts lies in [0, 1]. */
export interface Scores<L extends string> {
  rows: number;
  accuracy: number;
  macro: Averages;
  weighted: Averages;
  classes: ClassScore<L>[];
  confusion: number[][];
}
