import type { Averages, ClassScore, Scores } from './types.ts';

/** Rows are true classes, columns predicted ones. */
export function confusionMatrix(target: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (let row = 0; row < target.length; row++) {
    const line = matrix[target[row] ?? 0];
    const column = predicted[row] ?? 0;
    if (line !== undefined) line[column] = (line[column] ?? 0) + 1;
  }
  return matrix;
}

/** 0 where there is nothing to divide by, as scikit-learn's zero_division=0. */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function classScores<L extends string>(confusion: readonly (readonly number[])[], labels: readonly L[]): readonly ClassScore<L>[] {
  return labels.map((label, k) => {
    const hits = confusion[k]?.[k] ?? 0;
    const support = (confusion[k] ?? []).reduce((sum, count) => sum + count, 0);
    const claimed = confusion.reduce((sum, line) => sum + (line[k] ?? 0), 0);
    const precision = ratio(hits, claimed);
    const recall = ratio(hits, support);
    return { label, precision, recall, f1: ratio(2 * precision * recall, precision + recall), support };
  });
}

function averages(scores: readonly ClassScore<string>[], weights: readonly number[]): Averages {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const of = (key: 'precision' | 'recall' | 'f1'): number => ratio(scores.reduce((sum, score, k) => sum + score[key] * (weights[k] ?? 0), 0), total);
  return { precision: of('precision'), recall: of('recall'), f1: of('f1') };
}

/**
 * Accuracy, precision, recall and F1 by class, macro and weighted, as scikit-learn's precision_recall_fscore_support. A class
 * that is in neither the truth nor the predictions does not count towards the macro average, as there.
 */
export function scoresOf<L extends string>(target: ArrayLike<number>, predicted: ArrayLike<number>, labels: readonly L[]): Scores<L> {
  const confusion = confusionMatrix(target, predicted, labels.length);
  const classes = classScores(confusion, labels);
  const present = labels.map((_, k) => (confusion.some((line, truth) => (truth === k ? line.some((count) => count > 0) : (line[k] ?? 0) > 0)) ? 1 : 0));
  const hits = labels.reduce((sum, _, k) => sum + (confusion[k]?.[k] ?? 0), 0);
  return {
    rows: target.length, accuracy: ratio(hits, target.length), macro: averages(classes, present), weighted: averages(classes, classes.map(({ support }) => support)),
    classes: [...classes], confusion,
  };
}

export function macroF1(target: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number {
  return scoresOf(target, predicted, Array.from({ length: classes }, (_, k) => String(k))).macro.f1;
}
