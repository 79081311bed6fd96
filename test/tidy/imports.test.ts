import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { importsOf, ownImportsOf, sources } from './sources.ts';
import type { Source } from './sources.ts';

/** Who may import whom. Everything that is not here is forbidden. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  schema: [],
  runner: [],
  ml: ['schema'],
  records: ['schema'],
  storage: ['records', 'schema'],
  registry: ['records', 'schema'],
  stages: ['ml', 'storage', 'registry', 'records', 'schema'],
  services: ['ml', 'storage', 'registry', 'records', 'schema'],
  site: ['ml', 'schema'],
  notebooks: ['ml', 'schema'],
};

const all = sources();
const partOf = (file: string): string => file.split('/')[0] ?? '';

/** What a stage may import of `stages/`: its contract, its sentences, and files of a folder that is no stage itself. */
function isSharedByStages(from: string, target: string): boolean {
  if (/^stages\/(context|wording[a-z-]*)\.ts$/.test(target)) return true;
  return target.split('/').length > 2 || from.split('/').length > 2;
}

function forbidden(source: Source): readonly string[] {
  const part = partOf(source.file);
  const allowed = ALLOWED[part];
  if (allowed === undefined) return [];
  return ownImportsOf(source)
    .filter((target) => {
      const other = partOf(target);
      if (other === part) return part === 'stages' && !isSharedByStages(source.file, target);
      return !allowed.includes(other);
    })
    .map((target) => `${source.file} imports ${target}`);
}

describe('the import table', () => {
  test('every part imports only what the table allows', () => {
    assert.deepEqual(all.flatMap(forbidden), []);
  });

  test('every part of the table exists and has files', () => {
    const parts = new Set(all.map(({ file }) => partOf(file)));
    for (const part of ['schema', 'runner', 'ml', 'records', 'storage', 'registry', 'stages', 'services', 'site']) assert.ok(parts.has(part), part);
  });

  test('no modules import each other in a circle', () => {
    const graph = new Map(all.map((source) => [source.file, ownImportsOf(source)]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) {
        cycles.push([...trail.slice(trail.indexOf(file)), file].join(' -> '));
        return;
      }
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
      done.add(file);
    };
    for (const file of graph.keys()) visit(file, []);
    assert.deepEqual(cycles, []);
  });

  test('only ml adapters and text lists of ml reach npm packages, so that the same files run in the browser', () => {
    const reached = all
      .filter(({ file }) => file.startsWith('ml/') && !file.startsWith('ml/mljs/') && file !== 'ml/text/stem.ts')
      .flatMap((source) => importsOf(source).filter((specifier) => !specifier.startsWith('.')).map((specifier) => `${source.file}: ${specifier}`));
    assert.deepEqual(reached, []);
  });

  test('natural is never imported by its root, which loads database drivers and reads .env', () => {
    const roots = all.filter((source) => importsOf(source).includes('natural')).map(({ file }) => file);
    assert.deepEqual(roots, []);
  });
});
