import { readFileSync, globSync } from 'node:fs';
import path from 'node:path';

export const root = path.dirname(path.dirname(import.meta.dirname));

export interface Source {
  /** Relative to the root, `/`-separated. */
  readonly file: string;
  readonly text: string;
}

/** Beneath the root alone: scripts/data and others of these names are code. */
const IGNORED = ['node_modules', 'site/dist', 'site/.astro', '.repro', 'data', 'models', 'releases', 'reports', 'stores'];
const NEVER_ENTERED = ['node_modules', '.repro', '.git', '.astro', 'dist'];

/** Every TypeScript, JavaScript and Astro file of the project. */
export function sources(): readonly Source[] {
  return globSync('**/*.{ts,js,mjs,astro}', { cwd: root, exclude: (name) => NEVER_ENTERED.includes(name) })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => !IGNORED.some((folder) => file.startsWith(`${folder}/`)))
    .sort()
    .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));
}

/** What a file imports, statically, dynamically or only as a type: specifiers in order. */
export function importsOf(source: Source): readonly string[] {
  const found: string[] = [];
  const pattern = /(?:^|[\n;])\s*(?:import|export)\s[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|(?:^|[\n;])\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
  for (const match of source.text.matchAll(pattern)) {
    const specifier = match[1] ?? match[2] ?? match[3];
    if (specifier !== undefined) found.push(specifier);
  }
  return found;
}

/** The project's own files among the imports, relative to the root. */
export function ownImportsOf(source: Source): readonly string[] {
  return importsOf(source)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => path.posix.normalize(path.posix.join(path.posix.dirname(source.file), specifier)));
}
