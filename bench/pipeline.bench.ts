import { timeWithMemory, interleave } from './measure.ts';
import type { Row } from './row.ts';
import { node, repro, root, withFolder } from './workspace.ts';

/** The whole pipeline on the bundled sample in an empty workspace, then a run in which nothing has to be done. */
export async function pipeline(rounds: number): Promise<readonly Row[]> {
  return withFolder(async (workspace) => {
    const argv = [node, repro, '--workspace', workspace] as const;
    const cold = await timeWithMemory({ name: 'cold run', argv, cwd: root });
    const [bare, noop] = interleave(
      [
        { name: 'bare', argv: [node, '-e', '0'], cwd: root },
        { name: 'no-op', argv, cwd: root },
      ],
      rounds,
    );
    const none = { peer: '', theirs: null, ratio: null } as const;
    const [ours = Number.NaN, theirs = Number.NaN] = [noop?.median, bare?.median];
    return [
      { name: 'cold full run on the sample', ours: cold.seconds, unit: 's', ...none, bar: 90 },
      { name: 'its peak memory, all processes', ours: cold.bytesMax / 1e6, unit: 'MB', ...none, bar: 2500 },
      { name: 'no-op repro of this pipeline', ours: ours * 1000, unit: 'ms', peer: 'node -e 0', theirs: theirs * 1000, ratio: ours / theirs, bar: 4 },
    ];
  });
}
