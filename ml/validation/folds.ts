import { createRandom } from '../random.ts';

/**
 * Stratified folds in which equal groups stay together: which fold each row is tested in. Groups are dealt in a seeded
 * order, class by class (the class of a group is that of its first row), always to the fold with the fewest rows of it.
 */
export function groupFolds(target: ArrayLike<number>, groups: readonly string[], use: { folds: number; classes: number; seed: number }): Int32Array {
  const members = new Map<string, number[]>();
  for (const [row, group] of groups.entries()) {
    const rows = members.get(group);
    if (rows === undefined) members.set(group, [row]);
    else rows.push(row);
  }
  const order = createRandom(`folds ${use.seed}`).shuffle([...members.values()]);
  const filled = Array.from({ length: use.classes }, () => new Int32Array(use.folds));
  const assigned = new Int32Array(target.length);
  for (const rows of order) {
    const counts = filled[target[rows[0] ?? 0] ?? 0] ?? new Int32Array(use.folds);
    let best = 0;
    for (let fold = 1; fold < use.folds; fold++) if ((counts[fold] ?? 0) < (counts[best] ?? 0)) best = fold;
    for (const row of rows) assigned[row] = best;
    counts[best] = (counts[best] ?? 0) + rows.length;
  }
  return assigned;
}
