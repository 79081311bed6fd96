import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { canonical } from '../../runner/canonical.ts';
import { readCode } from '../../runner/code/code.ts';
import { hashText, openHashes } from '../../runner/hash.ts';
import { loadPipeline } from '../../runner/load.ts';
import { root } from './rig.ts';

const workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-lock-'));
after(() => rmSync(workspace, { recursive: true, force: true }));

interface Entry {
  readonly code?: string;
  readonly packages?: string;
}

test('the committed lock is that of the committed code: a repro on a fresh clone changes nothing', async () => {
  const { stages } = JSON.parse(readFileSync(path.join(root, 'pipeline.lock'), 'utf8')) as { readonly stages: Readonly<Record<string, Entry>> };
  const loaded = await loadPipeline({ file: path.join(root, 'pipeline.yaml'), roots: { code: root, workspace }, overrides: [] });
  assert.ok(loaded.ok);
  const hashes = openHashes(path.join(workspace, 'hashes.json'));
  const kept = loaded.value.stages.filter((stage) => !stage.finally);
  const now = await Promise.all(kept.map(async (stage): Promise<readonly [string, Entry]> => {
    const code = await readCode({ stage, pipeline: loaded.value, hashFile: (absolute) => hashes.file(absolute) });
    assert.ok(code.ok, stage.name);
    return [stage.name, { code: code.value.hash, packages: hashText(canonical(code.value.packages)) }];
  }));
  const differing = now.filter(([name, { code, packages }]) => stages[name]?.code !== code || (stages[name]?.packages !== undefined && stages[name]?.packages !== packages));
  assert.deepEqual(differing.map(([name]) => name), [], 'run  pnpm repro  and commit pipeline.lock with the reports');
});
