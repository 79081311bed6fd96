import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { interleave } from './measure.ts';
import type { Row } from './row.ts';
import { node, repro, withFolder } from './workspace.ts';

/** `count` independent stages that do next to nothing: what is left is the runner's own cost. */
function trivialStages(folder: string, count: number): void {
  const stages = Array.from({ length: count }, (_, index) => `  s${index}:\n    cmd: echo ${index} > out/${index}.txt\n    outs: [out/${index}.txt]`);
  mkdirSync(path.join(folder, 'out'), { recursive: true });
  writeFileSync(path.join(folder, 'pipeline.yaml'), `stages:\n${stages.join('\n')}\n`);
}

function bareShell(count: number): string {
  return Array.from({ length: count }, (_, index) => `/bin/sh -c 'echo ${index} > out/${index}.txt'`).join('; ');
}

/** A `repro` in which nothing has to run, against Node doing nothing at all; then the cost of one trivial stage. */
export async function runner(rounds: number): Promise<readonly Row[]> {
  return withFolder((folder) => {
    const work = path.join(folder, 'work');
    mkdirSync(work);
    trivialStages(work, 14);
    const warm = { NODE_COMPILE_CACHE: path.join(folder, 'compile-cache') };
    const argv = [node, repro, '-C', work] as const;
    interleave([{ name: 'first', argv, cwd: work, env: warm }], 2);
    const cold: Record<string, string> = {};
    const timings = interleave(
      [
        { name: 'bare', argv: [node, '-e', '0'], cwd: work, env: warm },
        { name: 'warm', argv, cwd: work, env: warm },
        { name: 'cold', argv, cwd: work, env: cold, prepare: () => void (cold.NODE_COMPILE_CACHE = mkdtempSync(path.join(folder, 'cold-'))) },
      ],
      rounds,
    );
    const [bare = Number.NaN, warmTime = Number.NaN, coldTime = Number.NaN] = timings.map(({ median }) => median);
    const count = 50;
    const many = path.join(folder, 'many');
    mkdirSync(many);
    trivialStages(many, count);
    const [shell, forced] = interleave(
      [
        { name: 'shell', argv: ['/bin/sh', '-c', bareShell(count)], cwd: many },
        { name: 'forced', argv: [node, repro, '-C', many, '--force', '--jobs', '1'], cwd: many, env: warm },
      ],
      Math.max(2, rounds >> 2),
    );
    const stageMs = ((forced?.median ?? Number.NaN) / count) * 1000;
    const processMs = ((shell?.median ?? Number.NaN) / count) * 1000;
    return [
      { name: 'no-op repro, 14 stages, warm compile cache', ours: warmTime * 1000, unit: 'ms', peer: 'node -e 0', theirs: bare * 1000, ratio: warmTime / bare, bar: 3 },
      { name: 'no-op repro, 14 stages, cold compile cache', ours: coldTime * 1000, unit: 'ms', peer: 'node -e 0', theirs: bare * 1000, ratio: coldTime / bare, bar: null },
      { name: 'one trivial shell stage, run and recorded', ours: stageMs, unit: 'ms', peer: 'one /bin/sh', theirs: processMs, ratio: stageMs / processMs, bar: null },
    ];
  });
}
