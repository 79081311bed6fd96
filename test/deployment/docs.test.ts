import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { ownEnv, root } from '../pipeline/rig.ts';
import { readCompose } from './image.ts';

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const page = read('docs/operations.md');
/** The first cells of tables, where names stand. */
const named = [...page.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([\w]+)`/g)].map(([, name = '']) => name));

describe('docs/operations.md', () => {
  test('says what each secret of the compose file is for, and each variable of .env', () => {
    for (const name of Object.keys(readCompose().secrets)) assert.ok(named.includes(name), name);
    for (const [, name = ''] of read('.env.example').matchAll(/^(\w+)=/gm)) assert.ok(named.includes(name), name);
  });

  test('says what each secret, variable and environment of the workflows is for', () => {
    for (const file of readdirSync(path.join(root, '.github/workflows'))) {
      const text = read(`.github/workflows/${file}`);
      for (const [, name = ''] of text.matchAll(/\b(?:secrets|vars)\.([A-Z_]+)/g)) assert.ok(name === 'GITHUB_TOKEN' || named.includes(name), name);
      for (const [, name = ''] of text.matchAll(/environment:\s+(?:name: )?(\w+)/g)) assert.ok(page.includes(`\`${name}\``), name);
    }
  });

  test('names commands that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    for (const [, command = ''] of page.matchAll(/\b(?:pnpm|ulasan) (test:servers|deploy:\w+|repro|model|data|schedule|serve)\b/g)) assert.ok(scripts[command] !== undefined, command);
  });

  test('is found from the README and the runbooks, and leads to pages that there are', () => {
    assert.match(read('README.md'), /\]\(docs\/operations\.md\)/);
    assert.match(read('docs/runbooks/README.md'), /\]\(\.\.\/operations\.md/);
    for (const [, target = ''] of page.matchAll(/\]\(([\w./]+)\)/g)) assert.ok(existsSync(path.join(root, 'docs', target)), target);
  });
});

/** What a command would run, whether it could or not. */
function stagesOf(command: string, workspace: string): readonly string[] {
  const { stdout } = spawnSync(process.execPath, [path.join(root, 'runner/repro.js'), ...command.split(' '), '--dry-run', '--json', '--workspace', workspace], { encoding: 'utf8', env: ownEnv() });
  const events = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { readonly stage?: string; readonly stages?: readonly { readonly name: string }[] });
  return events.flatMap(({ stage, stages }) => [...(stage === undefined ? [] : [stage]), ...(stages ?? []).map(({ name }) => name)]);
}

describe('a remedy that forces a stage', () => {
  const places = ['README.md', 'docs/operations.md', 'services/wording.ts', 'registry/wording-registry.ts', ...readdirSync(path.join(root, 'docs/runbooks')).map((file) => `docs/runbooks/${file}`)];
  const remedies = places.flatMap((place) => [...read(place).matchAll(/(?:pnpm|ulasan) repro((?: (?:--)?[a-z][\w-]*)+)/g)].map(([, words = '']) => ({ place, words: words.trim() })).filter(({ words }) => words.includes('--force')));

  test('runs that one and nothing before it, wherever it is told', (t) => {
    const workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-remedies-'));
    t.after(() => rmSync(workspace, { recursive: true, force: true }));
    assert.ok(remedies.length > 3, String(remedies.length));
    const runs = new Map([...new Set(remedies.map(({ words }) => words))].map((words) => [words, stagesOf(words, workspace).map((stage) => stage.split('@', 1)[0])]));
    for (const { place, words } of remedies) {
      const named = words.split(' ').find((word) => !word.startsWith('--'));
      assert.deepEqual([...new Set(runs.get(words))], [named], `${place}: pnpm repro ${words}`);
    }
  });
});
