import { createHash } from 'node:crypto';
import { isBuiltin } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Message, Plugin } from 'esbuild';
import { packageOf } from './packages.ts';

/** The import closure of an entry: what it comes down to, the files it is made of, the packages it reaches. */
export interface Bundle {
  readonly hash: string;
  /** Relative to the code root, `/`-separated, sorted. */
  readonly files: readonly string[];
  readonly packages: readonly string[];
}

export type BundleResult =
  | { readonly ok: true; readonly bundle: Bundle }
  | { readonly ok: false; readonly kind: 'syntax' | 'computed'; readonly text: string; readonly file: string; readonly line: number; readonly column: number };

const WORKER = /new\s+URL\(\s*(['"`])(\.{1,2}\/[^'"`]+\.(?:ts|js|mjs))\1\s*,\s*import\.meta\.url\s*\)/g;
const COMPUTED = /(?<![.\w])import\(\s*(?!['"`][^'"`$]*['"`]\s*[,)])/g;

/** Comments and strings must not look like code: comments are blanked, keeping lines and columns. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|[\s;{}(),])\/\/[^\n]*/g, (comment) => comment.replaceAll(/[^\n]/g, ' '));
}

/** The first import whose name is computed, of the files of a closure. */
function computedImport(root: string, files: readonly string[]): { file: string; line: number; column: number } | undefined {
  for (const file of files) {
    const text = withoutComments(readFileSync(path.join(root, file), 'utf8'));
    COMPUTED.lastIndex = 0;
    const match = COMPUTED.exec(text);
    if (match === null) continue;
    const before = text.slice(0, match.index).split('\n');
    return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  }
  return undefined;
}

function workersOf(root: string, files: readonly string[]): readonly string[] {
  return files.flatMap((file) =>
    [...withoutComments(readFileSync(path.join(root, file), 'utf8')).matchAll(WORKER)].map((match) => path.posix.normalize(path.posix.join(path.posix.dirname(file), match[2] ?? ''))),
  );
}

/** Gives the code cells of a notebook to esbuild as a module beside the notebook. */
function virtualEntry(source: string, resolveDir: string): Plugin {
  return {
    name: 'virtual-entry',
    setup(build) {
      build.onResolve({ filter: /^virtual:entry$/ }, () => ({ path: 'entry', namespace: 'virtual' }));
      build.onLoad({ filter: /.*/, namespace: 'virtual' }, () => ({ contents: source, loader: 'ts', resolveDir }));
    },
  };
}

function failure(error: unknown, entry: string): BundleResult {
  const [first] = (error as { readonly errors?: readonly Message[] }).errors ?? [];
  if (first === undefined) throw error;
  const { location } = first;
  return { ok: false, kind: 'syntax', text: first.text, file: location?.file ?? entry, line: location?.line ?? 1, column: (location?.column ?? 0) + 1 };
}

/**
 * Bundles an entry of the code root: types stripped, comments gone, what nobody calls shaken off, packages left outside.
 * The text is the same in every folder that holds the same code. `source` is the code of a notebook.
 */
export async function bundle(root: string, entry: string, source?: string): Promise<BundleResult> {
  const { build } = await import('esbuild');
  const hash = createHash('sha256');
  const files = new Set<string>();
  const packages = new Set<string>();
  const open = [entry];
  const done = new Set<string>();
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (done.has(next)) continue;
    done.add(next);
    const virtual = source !== undefined && next === entry;
    let result;
    try {
      result = await build({
        absWorkingDir: root, entryPoints: [virtual ? 'virtual:entry' : next], bundle: true, write: false, metafile: true, platform: 'node', format: 'esm', target: 'esnext',
        packages: 'external', treeShaking: true, minifyWhitespace: true, minifySyntax: true, legalComments: 'none', logLevel: 'silent', outdir: 'out', tsconfigRaw: {},
        plugins: virtual ? [virtualEntry(source, path.join(root, path.dirname(entry)))] : [],
      });
    } catch (error) {
      return failure(error, next);
    }
    hash.update(`\0${next}\0`);
    for (const { contents } of result.outputFiles) hash.update(contents);
    const inputs = Object.keys(result.metafile.inputs).filter((file) => !file.startsWith('virtual:'));
    const computed = computedImport(root, inputs);
    if (computed !== undefined) return { ok: false, kind: 'computed', text: '', ...computed };
    for (const file of inputs) files.add(file);
    for (const { imports } of Object.values(result.metafile.outputs)) {
      for (const imported of imports) if (imported.external === true && !isBuiltin(imported.path)) packages.add(packageOf(imported.path));
    }
    open.push(...workersOf(root, inputs));
  }
  return { ok: true, bundle: { hash: hash.digest('hex'), files: [...files].sort(), packages: [...packages].sort() } };
}
