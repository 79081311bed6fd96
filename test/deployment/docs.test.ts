import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { root } from '../pipeline/rig.ts';
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
