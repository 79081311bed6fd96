import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** For each package that the lock file knows by name: a hash of its version and of its own closure. */
export type PackageHashes = Readonly<Record<string, string>>;

interface LockFile {
  readonly importers?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, { readonly version: string }>>>>>>;
  readonly snapshots?: Readonly<Record<string, { readonly dependencies?: Readonly<Record<string, string>>; readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

const SECTIONS = ['dependencies', 'optionalDependencies', 'devDependencies'];

/** A reference from a lock file: `1.2.3` of a name, or `other@1.2.3` of an alias. */
function snapshotKey(name: string, version: string): string {
  return /^@?[^@]+@/.test(version) && !/^\d/.test(version) ? version : `${name}@${version}`;
}

/** Every package reachable from one, itself included: `name@version`, sorted. */
function closure(start: string, snapshots: NonNullable<LockFile['snapshots']>): readonly string[] {
  const seen = new Set<string>();
  const open = [start];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (seen.has(key)) continue;
    seen.add(key);
    const { dependencies, optionalDependencies } = snapshots[key] ?? {};
    for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies })) open.push(snapshotKey(name, version));
  }
  return [...seen].sort();
}

/** What stands under the two keys that are read: the others (checksums, engines) are most of the text, and YAML is slow. */
function sectionsOf(lockText: string): string {
  return lockText.split(/^(?=\S)/m).filter((section) => /^(?:importers|snapshots):/.test(section)).join('');
}

async function parse(lockText: string): Promise<PackageHashes> {
  const { parse: parseYaml } = await import('yaml');
  // A program wrote it: no key stands there twice, and looking for that takes a quarter of the time.
  const lock = (parseYaml(sectionsOf(lockText), { maxAliasCount: -1, uniqueKeys: false }) as LockFile | null) ?? {};
  const hashes: Record<string, string> = {};
  for (const importer of Object.values(lock.importers ?? {})) {
    for (const section of SECTIONS) {
      for (const [name, { version }] of Object.entries(importer[section] ?? {})) {
        const packages = closure(snapshotKey(name, version), lock.snapshots ?? {});
        hashes[name] = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 16);
      }
    }
  }
  return hashes;
}

/** Without a lock file, the version that is installed is all there is to know. */
function installed(code: string, name: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(path.join(code, 'node_modules', name, 'package.json'), 'utf8')) as { version: string };
    return `version ${version}`;
  } catch {
    // Not installed: running the stage says so better than a fingerprint can.
    return undefined;
  }
}

function readKept(file: string): PackageHashes | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PackageHashes;
  } catch {
    // Not kept yet, or cut: it is only a short cut.
    return undefined;
  }
}

function keep(file: string, hashes: PackageHashes): boolean {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(hashes));
    return true;
  } catch {
    // A code root that is read-only, or a full disk: it is kept elsewhere, or parsed again the next time.
    return false;
  }
}

/**
 * Hashes of npm packages by name, from pnpm-lock.yaml of the code root. The parsed lock is kept beside the packages, so that
 * every workspace finds it, or else in the workspace, under the hash of its bytes: parsing it takes longer than everything
 * else of a no-op together.
 */
export function openPackages(roots: { readonly code: string; readonly workspace: string }): { readonly lockHash: string; hashOf(name: string): Promise<string> } {
  const lockFile = path.join(roots.code, 'pnpm-lock.yaml');
  const text = existsSync(lockFile) ? readFileSync(lockFile, 'utf8') : '';
  const lockHash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const places = existsSync(path.join(roots.code, 'node_modules')) ? [path.join(roots.code, 'node_modules', '.cache', 'repro')] : [];
  const kept = [...places, path.join(roots.workspace, '.repro')].map((folder) => path.join(folder, `packages-${lockHash}.json`));
  let loading: Promise<PackageHashes> | undefined;
  const load = async (): Promise<PackageHashes> => {
    if (text === '') return {};
    for (const file of kept) {
      const hashes = readKept(file);
      if (hashes !== undefined) return hashes;
    }
    const hashes = await parse(text);
    kept.some((file) => keep(file, hashes));
    return hashes;
  };
  return {
    lockHash,
    async hashOf(name) {
      loading ??= load();
      return (await loading)[name] ?? installed(roots.code, name) ?? 'unknown';
    },
  };
}

/** The package of an import: `@a/b/c` -> `@a/b`, `yaml/x` -> `yaml`. */
export function packageOf(specifier: string): string {
  const [scope = '', name] = specifier.split('/');
  return scope.startsWith('@') && name !== undefined ? `${scope}/${name}` : scope;
}
