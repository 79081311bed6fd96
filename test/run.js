// Runs the tests and ends with one line that people and machines can read: "N passed, N failed, N skipped".
//
//   node test/run.js                 the tests that need nothing but npm
//   node test/run.js --servers       the tests that start real servers or a browser
//   node test/run.js runner/engine   only files whose path contains the words given
//
// With CI set, a skipped server test counts as failed: there everything it needs is installed.
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const root = path.dirname(import.meta.dirname);
const major = Number(process.versions.node.split('.')[0]);
if (major < 26) {
  const pinned = path.join(root, 'node_modules', '.bin', 'node');
  const { status } = spawnSync(pinned, [import.meta.filename, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const servers = process.argv.includes('--servers');
const files = globSync('test/**/*.test.ts', { cwd: root })
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => file.startsWith('test/servers/') === servers && !file.startsWith('test/chaos/'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();

if (files.length === 0) {
  console.log(`No test file matches: ${words.join(', ')}`);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}

// The stages' clock and locale are fixed by the runner; the tests' are fixed here.
process.env.TZ = 'UTC';
process.env.LC_ALL = 'C.UTF-8';
process.env.NODE_COMPILE_CACHE ??= path.join(root, '.repro', 'compile-cache');

const counts = { passed: 0, failed: 0, skipped: 0 };
const stream = run({
  files: files.map((file) => path.join(root, file)),
  concurrency: servers ? 1 : Math.max(2, availableParallelism()),
  timeout: 10 * 60_000,
});
stream.on('test:summary', ({ file, counts: seen }) => {
  if (file !== undefined) return;
  counts.passed = seen.passed;
  counts.failed = seen.failed + seen.cancelled;
  counts.skipped = seen.skipped + seen.todo;
});
// A suite that is skipped whole is in none of those numbers, however many tests it has.
let suites = 0;
stream.on('test:pass', ({ skip, details }) => {
  if (skip !== undefined && skip !== false && details.type === 'suite') suites++;
});
stream.compose(new spec()).pipe(process.stdout);
stream.on('end', () => {
  setImmediate(() => {
    counts.skipped += suites;
    if (servers && process.env.CI !== undefined && counts.skipped > 0) {
      console.log(`${counts.skipped} server tests were skipped; here that counts as failed`);
      counts.failed += counts.skipped;
      counts.skipped = 0;
    }
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
  });
});
