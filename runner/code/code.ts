import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import path from 'node:path';
import type { Code, Pipeline, Problem, Result, Stage } from '../model.ts';
import { wording } from '../wording-load.ts';
import type { Bundle, BundleResult } from './bundle.ts';
import { codeCells, notebookModule } from './notebook.ts';
import { openPackages } from './packages.ts';

/** Bumped when the way a closure is found or hashed changes. */
const FORMAT = 1;

type HashFile = (absolute: string) => Promise<string | undefined>;

interface CodeQuestion {
  readonly stage: Stage;
  readonly pipeline: Pipeline;
  readonly hashFile: HashFile;
}

/** The closure of one entry as kept: valid while all its files have the same content. */
interface KeptBundle extends Bundle {
  readonly format: number;
  readonly contents: Readonly<Record<string, string>>;
}

const IGNORED = ['node_modules', 'dist', '.astro', '.git', '.repro'];
const MODULE = /\.(ts|js|mjs)$/;

/** Closures found in this process: the items of a matrix share theirs. */
const found = new WeakMap<Pipeline, Map<string, Promise<Result<KeptBundle>>>>();
const packagesOf = new WeakMap<Pipeline, ReturnType<typeof openPackages>>();

async function contentsOf(root: string, files: readonly string[], hashFile: HashFile): Promise<Record<string, string>> {
  const hashes = await Promise.all(files.map((file) => hashFile(path.join(root, file))));
  return Object.fromEntries(files.map((file, index): [string, string] => [file, hashes[index] ?? 'absent']));
}

function readKept(file: string): KeptBundle | undefined {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as KeptBundle;
    return kept.format === FORMAT ? kept : undefined;
  } catch {
    // Absent or cut: it is only a short cut, the closure is found anew.
    return undefined;
  }
}

function keep(file: string, made: KeptBundle): boolean {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(made));
    return true;
  } catch {
    // A code root that is read-only, or a full disk: it is kept elsewhere, or found again the next time.
    return false;
  }
}

/** Where closures are kept: beside the packages, so that every workspace finds them, or else in the workspace. */
function keptFiles(entry: string, { code, workspace }: Pipeline['roots']): readonly string[] {
  const name = `${entry.replaceAll(/[^A-Za-z0-9._-]/g, '_')}.json`;
  const beside = existsSync(path.join(code, 'node_modules')) ? [path.join(code, 'node_modules', '.cache', 'repro', 'code', name)] : [];
  return [...beside, path.join(workspace, '.repro', 'code', name)];
}

function problemOf(result: Extract<BundleResult, { ok: false }>, stage: Stage): Problem {
  const message = result.kind === 'computed' ? wording.computedImport(stage.name) : wording.codeSyntax(stage.name, result.text);
  return { kind: result.kind === 'computed' ? 'computed-import' : 'code-syntax', message, place: { file: result.file, line: result.line, column: result.column }, stage: stage.name };
}

async function findBundle(entry: string, { stage, pipeline, hashFile }: CodeQuestion): Promise<Result<KeptBundle>> {
  const { code } = pipeline.roots;
  const places = keptFiles(entry, pipeline.roots);
  for (const file of places) {
    const kept = readKept(file);
    if (kept === undefined) continue;
    const now = await contentsOf(code, Object.keys(kept.contents), hashFile);
    if (Object.entries(kept.contents).every(([name, hash]) => now[name] === hash)) return { ok: true, value: kept };
  }
  let source: string | undefined;
  if (entry.endsWith('.ipynb')) {
    const cells = codeCells(readFileSync(path.join(code, entry), 'utf8'));
    if (!cells.ok) return { ok: false, problems: [{ kind: 'notebook', message: wording.notebookJson(entry, cells.why), place: { file: entry, line: 1, column: 1 }, stage: stage.name }] };
    source = notebookModule(cells.cells);
  }
  const { bundle } = await import('./bundle.ts');
  const result = await bundle(code, entry, source);
  if (!result.ok) return { ok: false, problems: [problemOf(result, stage)] };
  const files = [...new Set([...result.bundle.files, entry])].sort();
  const made: KeptBundle = { format: FORMAT, ...result.bundle, files, contents: await contentsOf(code, files, hashFile) };
  places.some((file) => keep(file, made));
  return { ok: true, value: made };
}

function bundleOnce(entry: string, question: CodeQuestion): Promise<Result<KeptBundle>> {
  const known = found.get(question.pipeline) ?? new Map<string, Promise<Result<KeptBundle>>>();
  found.set(question.pipeline, known);
  const result = known.get(entry) ?? findBundle(entry, question);
  known.set(entry, result);
  return result;
}

/** Everything beneath a folder, as `folder/**` asks for: without the glob engine, whose loading a no-op would feel. */
function beneath(root: string, folder: string): readonly string[] {
  let names: readonly Dirent[];
  try {
    names = readdirSync(path.join(root, folder), { withFileTypes: true });
  } catch {
    // There is no such folder: the pattern matches nothing, which the caller tells.
    return [];
  }
  return names
    .filter(({ name }) => !IGNORED.includes(name))
    .flatMap((entry) => (entry.isDirectory() ? beneath(root, `${folder}/${entry.name}`) : [`${folder}/${entry.name}`]));
}

async function globbed(root: string, pattern: string): Promise<readonly string[]> {
  const folder = /^([^*?{}[\]!]+)\/\*\*$/.exec(pattern)?.[1];
  if (folder !== undefined) return beneath(root, folder).toSorted();
  if (!/[*?{}[\]!]/.test(pattern)) return statSync(path.join(root, pattern), { throwIfNoEntry: false })?.isFile() === true ? [pattern] : [];
  const { globSync } = await import('node:fs');
  return globSync(pattern, { cwd: root, exclude: (name) => IGNORED.includes(name) })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => !file.split('/').some((part) => IGNORED.includes(part)) && statSync(path.join(root, file)).isFile())
    .sort();
}

/**
 * The code of a stage as a value of its fingerprint: the bundled closure of its module or notebook and of the entry points
 * under `code:`, the contents of the files that globs name, and every npm package reached, with its own closure.
 */
export async function readCode(question: CodeQuestion): Promise<Result<Code>> {
  const { stage, pipeline, hashFile } = question;
  const { code: root } = pipeline.roots;
  const entries = [...(stage.work.kind === 'shell' ? [] : [stage.work.file]), ...stage.code.filter((entry) => MODULE.test(entry) && !entry.includes('*'))];
  const hash = createHash('sha256');
  const files: Record<string, string> = {};
  const names = new Set<string>();
  const problems: Problem[] = [];
  for (const entry of entries) {
    const result = await bundleOnce(entry, question);
    if (!result.ok) {
      problems.push(...result.problems);
      continue;
    }
    hash.update(`\0${entry}\0${result.value.hash}`);
    Object.assign(files, result.value.contents);
    for (const name of result.value.packages) names.add(name);
  }
  for (const pattern of stage.code.filter((entry) => !entries.includes(entry))) {
    const matched = await globbed(root, pattern);
    if (matched.length === 0) problems.push({ kind: 'no-code', message: wording.noCode(stage.name, pattern), place: stage.place, stage: stage.name });
    const contents = await contentsOf(root, matched, hashFile);
    for (const [file, content] of Object.entries(contents)) hash.update(`\0${file}\0${content}`);
    Object.assign(files, contents);
  }
  if (problems.length > 0) return { ok: false, problems };
  const packages = packagesOf.get(pipeline) ?? openPackages(pipeline.roots);
  packagesOf.set(pipeline, packages);
  const sorted = [...names].sort();
  const hashes = await Promise.all(sorted.map((name) => packages.hashOf(name)));
  return {
    ok: true,
    value: {
      hash: entries.length === 0 && stage.code.length === 0 ? '' : hash.digest('hex'),
      files: Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))),
      packages: Object.fromEntries(sorted.map((name, index): [string, string] => [name, hashes[index] ?? 'unknown'])),
    },
  };
}
